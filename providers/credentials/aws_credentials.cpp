#include "providers/credentials/aws_credentials.h"

#include "base/text.h"
#include "providers/credentials/aws_profile.h"
#include "providers/credentials/aws_roles.h"

#include <algorithm>
#include <array>
#include <vector>

namespace sluice::providers {
namespace {

// Files are read again so soon: other tools renew them.
constexpr std::chrono::minutes kProfileLife(2);

std::unexpected<Failure> refuse(std::string message) {
  return fail(ErrorKind::InvalidRequest, "invalid_request", std::move(message));
}

class ProfileSource final : public GrantSource {
 public:
  ProfileSource(std::string profile, const CredentialGround& ground)
      : profile_(std::move(profile)), clock_(ground.clock), environment_(ground.environment) {}

  Task<Result<Grant>> obtain(Instant) override {
    auto grant = profile_.empty() ? read_aws_environment(*environment_)
                                  : read_aws_profile(profile_, *environment_);
    if (!grant) co_return no_credential(grant.error()->message);
    grant->expires = expiry_after(clock_, kProfileLife);
    co_return grant;
  }

 private:
  const std::string profile_;
  const Clock& clock_;
  const std::shared_ptr<const config::Environment> environment_;
};

// What proxies may change or add is not signed.
bool is_signed(std::string_view name) {
  constexpr std::string_view kPrefix = "x-amz";
  return text::iequals(name, "content-type") ||
         (text::iequals(name.substr(0, kPrefix.size()), kPrefix) &&
          !text::iequals(name, "x-amzn-trace-id"));
}

class AwsCredential final : public Credential {
 public:
  AwsCredential(const AwsOptions& options, std::shared_ptr<const Grant> fixed,
                std::unique_ptr<Grants> grants)
      : host_(options.host),
        signer_(options.region, options.service),
        fixed_(std::move(fixed)),
        grants_(std::move(grants)) {}

  Task<Result<void>> sign(Context& context, UpstreamRequest& request) const override {
    if (request.body) {
      co_return fail(ErrorKind::Unsupported, "not_implemented",
                     "This provider takes no body that is not known whole.");
    }
    std::shared_ptr<const Grant> grant = fixed_;
    if (!grant) {
      CO_TRY(grant, co_await grants_->get(context.deadline));
    }

    Sha256 digest;
    for (const std::string_view piece : request.pieces) digest.add(piece);
    const auto body_digest = hex_of(digest.finish());
    const std::string_view date = aws_date(context.clock.wall(), context.draft);
    request.fields.add("x-amz-date", date);
    if (!grant->session.empty()) {
      request.fields.add("x-amz-security-token", context.draft.keep(grant->session));
    }
    const std::string_view authorization =
        signer_.authorization({.access_key = grant->access_key, .secret_key = grant->secret},
                              {.method = request.method,
                               .target = request.path,
                               .signed_fields = signed_of(request, context.draft),
                               .date = date,
                               .body_digest = text_of(body_digest)},
                              context.draft);
    request.fields.add("authorization", authorization);
    co_return Result<void>();
  }

  void refused(int status) const override {
    if (grants_ && (status == 401 || status == 403)) grants_->refused();
  }

 private:
  std::span<const Field> signed_of(const UpstreamRequest& request, Arena& arena) const {
    const std::span<const Field> all = request.fields.all();
    const std::span<Field> fields = arena.array<Field>(all.size() + 1);
    std::size_t count = 0;
    fields[count++] = {"host", host_};
    for (const Field& field : all) {
      if (is_signed(field.name)) fields[count++] = field;
    }
    return fields.first(count);
  }

  const std::string host_;
  mutable AwsSigner signer_;  // Remembers the day's key; a credential is one thread's.
  const std::shared_ptr<const Grant> fixed_;
  const std::unique_ptr<Grants> grants_;
};

Result<std::unique_ptr<GrantSource>> source_of(const AwsOptions& options,
                                               const CredentialGround& ground) {
  if (options.profile.empty() && options.role == AwsRole::Instance) {
    return make_instance_role(ground);
  }
  if (options.profile.empty() && options.role == AwsRole::Container) {
    return make_container_role(ground);
  }
  // So that a mistake is seen at the start.
  const auto now = options.profile.empty() ? read_aws_environment(*ground.environment)
                                           : read_aws_profile(options.profile, *ground.environment);
  if (!now) return refuse(now.error()->message);
  return std::make_unique<ProfileSource>(options.profile, ground);
}

}  // namespace

Result<std::shared_ptr<const Credential>> make_aws_credential(const AwsOptions& options,
                                                              const CredentialGround& ground) {
  if (options.region.empty() || options.host.empty()) return refuse("region: it is needed to sign");
  if (options.access_key.empty() && options.secret_key.empty()) {
    TRY(auto source, source_of(options, ground));
    return std::make_shared<const AwsCredential>(
        options, nullptr,
        std::make_unique<Grants>(ground.loop, ground.clock, std::move(source), ground.shelf));
  }
  const std::string_view session = options.session_token.reveal();
  if (!fits_header(options.access_key) || options.secret_key.empty()) {
    return refuse("access_key and secret_key: both are needed, or neither");
  }
  if (!session.empty() && !fits_header(session)) return refuse("session_token: it is none");
  auto fixed =
      std::make_shared<const Grant>(Grant{.secret = std::string(options.secret_key.reveal()),
                                          .access_key = options.access_key,
                                          .session = std::string(session)});
  return std::make_shared<const AwsCredential>(options, std::move(fixed), nullptr);
}

}  // namespace sluice::providers
