#include "providers/credentials/aws_roles.h"

#include "base/text.h"
#include "base/timestamp.h"
#include "providers/credentials/json_fields.h"

#include <algorithm>

namespace sluice::providers {
namespace {

std::unexpected<Failure> refuse(std::string message) {
  return fail(ErrorKind::InvalidRequest, "invalid_request", std::move(message));
}

// May have a scheme and a space before it.
bool is_one_line(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

Result<Grant> read_keys(const FetchReply& reply, const Clock& clock, std::string_view who) {
  if (reply.status != 200) return not_granted(who, reply);
  const JsonFields fields(reply.body);
  auto access_key = fields.text("AccessKeyId");
  auto secret = fields.text("SecretAccessKey");
  auto session = fields.text("Token");
  if (!access_key || !secret || !fits_header(*access_key) || secret->empty() ||
      (session && !fits_header(*session))) {
    return not_granted(who, reply);
  }
  Grant grant{.secret = *std::move(secret),
              .access_key = *std::move(access_key),
              .session = std::move(session).value_or("")};
  if (const auto expires = text::parse_timestamp(fields.text("Expiration").value_or(""))) {
    grant.expires = expiry_at(clock, *expires);
  } else {
    grant.expires = expiry_after(clock, std::chrono::minutes(15));
  }
  return grant;
}

class InstanceRole final : public GrantSource {
 public:
  InstanceRole(FetchUrl service, const CredentialGround& ground)
      : service_(std::move(service)), clock_(ground.clock), fetch_(ground.fetch) {}

  Task<Result<Grant>> obtain(Instant deadline) override {
    FetchRequest put = request_for("/latest/api/token");
    put.method = "PUT";
    put.fields.emplace_back("x-aws-ec2-metadata-token-ttl-seconds", "300");
    CO_TRY(const std::string token, co_await ask(std::move(put), deadline));

    constexpr std::string_view kRoles = "/latest/meta-data/iam/security-credentials/";
    CO_TRY(const std::string roles, co_await ask(with(token, request_for(kRoles)), deadline));
    const std::string_view role = text::trim(std::string_view(roles).substr(0, roles.find('\n')));
    if (role.empty() || !std::ranges::all_of(role, may_name_a_role)) {
      co_return no_credential(std::string(kWho) + " names no role");
    }

    FetchRequest keys = with(token, request_for(std::string(kRoles).append(role)));
    auto reply = co_await fetch_->fetch(std::move(keys), deadline);
    if (!reply) co_return no_answer(kWho, reply.error());
    co_return read_keys(*reply, clock_, kWho);
  }

 private:
  static constexpr std::string_view kWho = "the instance's metadata service";

  static bool may_name_a_role(char c) {
    const char letter = text::lower(c);
    return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("+=,.@_-").contains(c);
  }

  FetchRequest request_for(std::string_view path) const {
    FetchRequest request{.url = service_.url, .reach = Reach::Nearby};
    request.url.path += path;
    return request;
  }

  static FetchRequest with(const std::string& token, FetchRequest request) {
    request.fields.emplace_back("x-aws-ec2-metadata-token", token);
    return request;
  }

  // A text that goes into the next request.
  Task<Result<std::string>> ask(FetchRequest request, Instant deadline) const {
    auto reply = co_await fetch_->fetch(std::move(request), deadline);
    if (!reply) co_return no_answer(kWho, reply.error());
    const std::string_view answer = text::trim(reply->body);
    if (reply->status != 200 || answer.empty()) co_return not_granted(kWho, *reply);
    co_return std::string(answer);
  }

  const FetchUrl service_;
  const Clock& clock_;
  const std::shared_ptr<Fetch> fetch_;
};

class ContainerRole final : public GrantSource {
 public:
  struct Token {
    std::string text;
    std::string file;
  };

  ContainerRole(FetchUrl service, Token token, const CredentialGround& ground)
      : service_(std::move(service)),
        token_(std::move(token)),
        clock_(ground.clock),
        fetch_(ground.fetch),
        environment_(ground.environment) {}

  Task<Result<Grant>> obtain(Instant deadline) override {
    FetchRequest request{.url = service_.url, .query = service_.query, .reach = Reach::Nearby};
    CO_TRY(const std::string token, read_token_file());
    if (!token.empty()) request.fields.emplace_back("authorization", token);
    auto reply = co_await fetch_->fetch(std::move(request), deadline);
    if (!reply) co_return no_answer(kWho, reply.error());
    co_return read_keys(*reply, clock_, kWho);
  }

 private:
  static constexpr std::string_view kWho = "the container's credential service";

  // The file is renewed by whoever runs the container.
  Result<std::string> read_token_file() const {
    if (token_.file.empty()) return token_.text;
    const auto content = environment_->file(token_.file);
    if (!content) return no_credential(token_.file + ": " + content.error()->message);
    std::string token(text::trim(*content));
    if (token.empty() || !is_one_line(token)) {
      return no_credential(token_.file + " holds no token");
    }
    return token;
  }

  const FetchUrl service_;
  const Token token_;
  const Clock& clock_;
  const std::shared_ptr<Fetch> fetch_;
  const std::shared_ptr<const config::Environment> environment_;
};

}  // namespace

Result<std::unique_ptr<GrantSource>> make_instance_role(const CredentialGround& ground) {
  const std::string endpoint =
      ground.environment->variable("AWS_EC2_METADATA_SERVICE_ENDPOINT").value_or("");
  auto service = parse_fetch_url(endpoint.empty() ? "http://169.254.169.254" : endpoint);
  if (!service || !is_nearby(service->url.host)) {
    return refuse(
        "AWS_EC2_METADATA_SERVICE_ENDPOINT: expected a URL with a loopback or link-local address");
  }
  return std::make_unique<InstanceRole>(*std::move(service), ground);
}

Result<std::unique_ptr<GrantSource>> make_container_role(const CredentialGround& ground) {
  const auto variable = [&](const char* name) {
    return ground.environment->variable(name).value_or("");
  };
  const std::string relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const std::string full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (relative.empty() && full.empty()) {
    return refuse(
        "role: container needs AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or "
        "AWS_CONTAINER_CREDENTIALS_FULL_URI in the environment");
  }
  const bool fits = relative.empty() || relative.starts_with('/');
  auto service = parse_fetch_url(relative.empty() ? full : "http://169.254.170.2" + relative);
  if (!fits || !service || !is_nearby(service->url.host)) {
    return refuse(
        "AWS_CONTAINER_CREDENTIALS_…_URI: expected a URL with a loopback or link-local address");
  }
  ContainerRole::Token token{.text = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
                             .file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")};
  if (token.file.empty() && !is_one_line(token.text)) {
    return refuse("AWS_CONTAINER_AUTHORIZATION_TOKEN holds line ends");
  }
  return std::make_unique<ContainerRole>(*std::move(service), std::move(token), ground);
}

}  // namespace sluice::providers
