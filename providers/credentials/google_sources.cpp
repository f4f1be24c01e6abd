#include "providers/credentials/google_sources.h"

#include "base/json_writer.h"
#include "providers/credentials/digests.h"

namespace sluice::providers {
namespace {

constexpr std::string_view kWho = "Google's token endpoint";
constexpr std::chrono::seconds kAssertionLife(3600);  // The longest that Google takes.

std::unexpected<Failure> refuse(std::string message) {
  return fail(ErrorKind::InvalidRequest, "invalid_request", std::move(message));
}

class ServiceAccount final : public GrantSource {
 public:
  struct Account {
    config::Url url;
    std::string audience;  // The URL as it stands in the file.
    std::string email;
    std::string key_id;
    std::string scope;
  };

  ServiceAccount(Account account, RsaKey key, const CredentialGround& ground)
      : account_(std::move(account)),
        key_(std::move(key)),
        clock_(ground.clock),
        fetch_(ground.fetch) {}

  Task<Result<Grant>> obtain(Instant deadline) override {
    const std::string proof = assertion();
    if (proof.empty()) co_return no_credential("the service account's key does not sign");
    FetchRequest request =
        form_post(account_.url, form({{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                                      {"assertion", proof}}));
    auto reply = co_await fetch_->fetch(std::move(request), deadline);
    if (!reply) co_return no_answer(kWho, reply.error());
    co_return read_token(*reply, clock_, kWho);
  }

 private:
  std::string assertion() const {
    std::string header;
    json::Writer writer(header);
    writer.begin_object().member("alg", "RS256").member("typ", "JWT");
    if (!account_.key_id.empty()) writer.member("kid", account_.key_id);
    writer.end_object();

    using std::chrono::seconds;
    const auto now = std::chrono::floor<seconds>(clock_.wall()).time_since_epoch();
    std::string claims;
    json::Writer(claims)
        .begin_object()
        .member("iss", account_.email)
        .member("scope", account_.scope)
        .member("aud", account_.audience)
        .member("iat", std::int64_t{now.count()})
        .member("exp", std::int64_t{(now + kAssertionLife).count()})
        .end_object();

    std::string text = base64url(header) + "." + base64url(claims);
    const std::string signature = key_.sign(text);
    if (signature.empty()) return {};
    return text + "." + base64url(signature);
  }

  const Account account_;
  const RsaKey key_;
  const Clock& clock_;
  const std::shared_ptr<Fetch> fetch_;
};

class AuthorizedUser final : public GrantSource {
 public:
  struct User {
    config::Url url;
    std::string client_id;
    std::string client_secret;
    std::string refresh_token;
  };

  AuthorizedUser(User user, const CredentialGround& ground)
      : user_(std::move(user)), clock_(ground.clock), fetch_(ground.fetch) {}

  Task<Result<Grant>> obtain(Instant deadline) override {
    FetchRequest request = form_post(user_.url, form({{"grant_type", "refresh_token"},
                                                      {"client_id", user_.client_id},
                                                      {"client_secret", user_.client_secret},
                                                      {"refresh_token", user_.refresh_token}}));
    auto reply = co_await fetch_->fetch(std::move(request), deadline);
    if (!reply) co_return no_answer(kWho, reply.error());
    co_return read_token(*reply, clock_, kWho);
  }

 private:
  const User user_;
  const Clock& clock_;
  const std::shared_ptr<Fetch> fetch_;
};

class GoogleMetadata final : public GrantSource {
 public:
  GoogleMetadata(config::Url url, const CredentialGround& ground)
      : url_(std::move(url)), clock_(ground.clock), fetch_(ground.fetch) {}

  Task<Result<Grant>> obtain(Instant deadline) override {
    constexpr std::string_view kServer = "Google's metadata server";
    FetchRequest request{
        .url = url_, .fields = {{"metadata-flavor", "Google"}}, .reach = Reach::Nearby};
    auto reply = co_await fetch_->fetch(std::move(request), deadline);
    if (!reply) co_return no_answer(kServer, reply.error());
    co_return read_token(*reply, clock_, kServer);
  }

 private:
  const config::Url url_;
  const Clock& clock_;
  const std::shared_ptr<Fetch> fetch_;
};

}  // namespace

Result<FetchUrl> google_url(const JsonFields& file, std::string_view field,
                            std::string_view otherwise) {
  const std::string text = file.text(field).value_or(std::string(otherwise));
  auto url = parse_fetch_url(text);
  if (!url || (!url->url.https && !is_nearby(url->url.host))) {
    return refuse(std::string(field) + ": expected a URL that begins with https://");
  }
  return *std::move(url);
}

Result<std::unique_ptr<GrantSource>> make_service_account(const JsonFields& file,
                                                          const std::string& scope,
                                                          const CredentialGround& ground) {
  TRY(auto url, google_url(file, "token_uri", kGoogleTokens));
  const auto email = file.text("client_email");
  const auto pem = file.text("private_key");
  if (!email || !pem) return refuse("it lacks client_email or private_key");
  auto key = RsaKey::parse(*pem);
  if (!key) return refuse("private_key: it is no RSA key in PEM form");
  ServiceAccount::Account account{
      .url = std::move(url.url),
      .audience = file.text("token_uri").value_or(std::string(kGoogleTokens)),
      .email = *email,
      .key_id = file.text("private_key_id").value_or(""),
      .scope = scope};
  return std::make_unique<ServiceAccount>(std::move(account), *std::move(key), ground);
}

Result<std::unique_ptr<GrantSource>> make_authorized_user(const JsonFields& file,
                                                          const CredentialGround& ground) {
  TRY(auto url, google_url(file, "token_uri", kGoogleTokens));
  auto id = file.text("client_id");
  auto secret = file.text("client_secret");
  auto token = file.text("refresh_token");
  if (!id || !secret || !token) {
    return refuse("it lacks client_id, client_secret or refresh_token");
  }
  return std::make_unique<AuthorizedUser>(AuthorizedUser::User{.url = std::move(url.url),
                                                               .client_id = *std::move(id),
                                                               .client_secret = *std::move(secret),
                                                               .refresh_token = *std::move(token)},
                                          ground);
}

Result<std::unique_ptr<GrantSource>> make_google_metadata(const CredentialGround& ground) {
  const std::string host = ground.environment->variable("GCE_METADATA_HOST").value_or("");
  auto url = config::parse_url("http://" + (host.empty() ? "169.254.169.254" : host));
  if (!url || !is_nearby(url->host)) {
    return refuse("GCE_METADATA_HOST: expected a loopback or link-local address");
  }
  url->path += "/computeMetadata/v1/instance/service-accounts/default/token";
  return std::make_unique<GoogleMetadata>(*std::move(url), ground);
}

}  // namespace sluice::providers
