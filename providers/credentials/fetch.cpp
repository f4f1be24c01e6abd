#include "providers/credentials/fetch.h"

#include "sluice/account.h"
#include "sluice/context.h"

#include "net/address.h"
#include "net/http_upstream.h"

#include <algorithm>
#include <array>

namespace sluice::providers {
namespace {

constexpr std::size_t kMostBody = std::size_t{256} * 1024;

std::unexpected<Failure> not_allowed(std::string detail) {
  return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                       .code = "upstream_auth",
                       .detail = std::move(detail)});
}

Result<void> check(const FetchRequest& request) {
  if (request.reach == Reach::Nearby && !is_nearby(request.url.host)) {
    return not_allowed("only a loopback or link-local address is asked for this");
  }
  if (!request.url.https && !is_nearby(request.url.host)) {
    return not_allowed("credentials do not travel in clear text: https is required");
  }
  return {};
}

bool begins(const net::IpAddress& ip, std::initializer_list<std::uint8_t> prefix) {
  return std::ranges::equal(prefix, std::span(ip.bytes).first(prefix.size()));
}

}  // namespace

bool is_nearby(std::string_view host) {
  if (host == "localhost") return true;
  const auto ip = net::parse_ip(host);
  if (!ip) return false;
  if (ip->is_v4()) {
    const auto* const v4 = ip->bytes.data() + 12;
    return v4[0] == 127 || (v4[0] == 169 && v4[1] == 254);
  }
  // Amazon's services have these of a private range.
  return *ip == net::parse_ip("::1") || *ip == net::parse_ip("fd00:ec2::23") ||
         *ip == net::parse_ip("fd00:ec2::254") ||
         (begins(*ip, {0xfe}) && (ip->bytes[1] & 0xc0U) == 0x80U);
}

std::optional<FetchUrl> parse_fetch_url(std::string_view text) {
  const std::size_t mark = std::min(text.find('?'), text.size());
  auto url = config::parse_url(text.substr(0, mark));
  if (!url) return std::nullopt;
  const std::string_view query = text.substr(std::min(mark + 1, text.size()));
  const auto fits = [](char c) { return c > ' ' && c <= '~' && c != '#'; };
  if (!std::ranges::all_of(query, fits)) return std::nullopt;
  return FetchUrl{.url = *std::move(url), .query = std::string(query)};
}

net::Origin HttpFetch::origin_of(const FetchRequest& request) const {
  net::Origin origin{.host = request.url.host,
                     .port = request.url.port,
                     .tls = request.url.https,
                     .tls_context = tls_};
  if (request.reach == Reach::Anywhere && !is_nearby(request.url.host)) origin.proxy = proxy_;
  return origin;
}

Task<Result<FetchReply>> HttpFetch::fetch(FetchRequest request, Instant deadline) {
  CO_TRY_VOID(check(request));
  auto pool =
      std::make_shared<net::UpstreamPool>(loop_, resolver_, origin_of(request), Duration::zero(),
                                          std::make_shared<net::ConnectionBudget>(1));
  net::HttpUpstream upstream(pool,
                             std::make_shared<net::HttpUpstreamSettings>(request.url.authority()));
  Arena arena;
  Arena draft;
  Context context(arena, draft, loop_);
  context.deadline = deadline;
  const std::string path =
      request.url.path.empty() ? std::string("/") : std::string(request.url.path);
  const std::string target = request.query.empty() ? path : path + "?" + request.query;
  const std::string_view body = request.body;
  UpstreamRequest message{.method = request.method,
                          .path = target,
                          .fields = FieldList(draft, request.fields.size()),
                          .pieces = {&body, body.empty() ? 0U : 1U},
                          .size = body.size(),
                          .answer_by = deadline,
                          .waiting_for = "credentials"};
  for (const auto& [name, value] : request.fields) message.fields.add(name, value);

  Attempt attempt;
  CO_TRY(auto reply, co_await upstream.send(context, message, attempt));
  while (!reply->complete() && reply->pending().size() <= kMostBody) {
    CO_TRY(const bool more, co_await reply->more(deadline));
    if (!more) break;
  }
  if (reply->pending().size() > kMostBody) co_return not_allowed("the answer is too large");
  co_return FetchReply{.status = reply->head().status, .body = std::string(reply->pending())};
}

}  // namespace sluice::providers
