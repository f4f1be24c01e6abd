#include "providers/credentials/bearer_token.h"

#include "base/text.h"
#include "providers/credentials/json_fields.h"

#include <algorithm>
#include <array>
#include <optional>

namespace sluice::providers {
namespace {

// Where an endpoint does not say how long its token lives.
constexpr std::chrono::seconds kUnknownLifetime(600);

// Words of RFC 6749, 7009 and 8693 and of OpenID; anything else could be a quotation.
std::string_view known_error(std::string_view word) {
  constexpr std::array<std::string_view, 14> kWords = {
      "invalid_request",        "invalid_client", "invalid_grant",    "unauthorized_client",
      "unsupported_grant_type", "invalid_scope",  "access_denied",    "unsupported_response_type",
      "server_error",           "invalid_target", "invalid_resource", "temporarily_unavailable",
      "interaction_required",   "login_required"};
  const auto* const word_at = std::ranges::find(kWords, word);
  return word_at == kWords.end() ? std::string_view() : *word_at;
}

std::string reason(const FetchReply& reply) {
  const JsonFields fields(reply.body);
  std::string words(known_error(fields.text("error").value_or("")));
  // Entra's own numbers, which its pages explain.
  if (const auto number = fields.first_number("error_codes")) {
    words += (words.empty() ? "AADSTS" : ", AADSTS") + std::to_string(*number);
  }
  return words.empty() ? words : " (" + words + ")";
}

void append_escaped(std::string& out, std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    const char letter = text::lower(c);
    if ((letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') ||
        std::string_view("-._~").contains(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.append(1, '%').append(1, kDigits[byte >> 4U]).append(1, kDigits[byte & 15U]);
  }
}

}  // namespace

Task<Result<void>> BearerToken::sign(Context& context, UpstreamRequest& request) const {
  CO_TRY(const auto grant, co_await grants_->get(context.deadline));
  request.fields.add("authorization", context.draft.join("Bearer ", grant->secret));
  if (!quota_project_.empty()) request.fields.add("x-goog-user-project", quota_project_);
  co_return Result<void>();
}

void BearerToken::refused(int status) const {
  if (status == 401) grants_->refused();
}

Task<Result<void>> FixedToken::sign(Context&, UpstreamRequest& request) const {
  request.fields.add("authorization", authorization_);
  co_return Result<void>();
}

std::string form(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    append_escaped(out, name);
    append_escaped(out += '=', value);
  }
  return out;
}

FetchRequest form_post(config::Url url, std::string body) {
  return {.method = "POST",
          .url = std::move(url),
          .fields = {{"content-type", "application/x-www-form-urlencoded"},
                     {"accept", "application/json"}},
          .body = std::move(body)};
}

std::unexpected<Failure> no_credential(std::string detail) {
  return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                       .code = "upstream_auth",
                       .message = "The gateway could not get a credential for this provider.",
                       .detail = std::move(detail),
                       .retry = Retry::OtherTarget});
}

std::unexpected<Failure> no_answer(std::string_view who, const Failure& failure) {
  const std::string& words = failure->detail.empty() ? failure->message : failure->detail;
  return no_credential(std::string(who) + ": " + words);
}

std::unexpected<Failure> not_granted(std::string_view who, const FetchReply& reply) {
  if (reply.status == 200) {
    return no_credential(std::string(who) + " answered without what it was asked for");
  }
  return no_credential(std::string(who) + " answered " + std::to_string(reply.status) +
                       reason(reply));
}

Result<Grant> read_token(const FetchReply& reply, const Clock& clock, std::string_view who) {
  if (reply.status != 200) return not_granted(who, reply);
  const JsonFields fields(reply.body);
  auto token = fields.text("access_token");
  if (!token || !fits_header(*token)) return not_granted(who, reply);
  // Some endpoints write it as a string.
  std::optional<std::int64_t> lifetime = fields.number("expires_in");
  if (const auto digits = fields.text("expires_in")) {
    if (const auto number = text::parse_uint(*digits)) {
      lifetime = static_cast<std::int64_t>(std::min<std::uint64_t>(*number, 1U << 30U));
    }
  }
  const std::chrono::seconds seconds =
      lifetime ? std::chrono::seconds(*lifetime) : kUnknownLifetime;
  return Grant{.secret = *std::move(token), .expires = expiry_after(clock, seconds)};
}

bool fits_header(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace sluice::providers
