#include "base/json_writer.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "providers/credentials/google_sources.h"

#include <optional>
#include <vector>

namespace sluice::providers {
namespace {

constexpr std::string_view kSts = "Google's security token service";
constexpr std::string_view kAccounts = "Google's service account credentials";
constexpr std::string_view kSubjects = "the subject token's URL";

std::unexpected<Failure> refuse(std::string message) {
  return fail(ErrorKind::InvalidRequest, "invalid_request", std::move(message));
}

// Where the other identity provider's token is found.
struct Subject {
  std::string file;
  std::optional<FetchUrl> url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string json_field;  // Empty: the whole text is the token.
  std::string type;
};

class ExternalAccount final : public GrantSource {
 public:
  struct Account {
    FetchUrl tokens;
    std::string audience;
    std::string scope;
    Subject subject;
    std::optional<FetchUrl> impersonation;
  };

  ExternalAccount(Account account, const CredentialGround& ground)
      : account_(std::move(account)),
        clock_(ground.clock),
        fetch_(ground.fetch),
        environment_(ground.environment) {}

  Task<Result<Grant>> obtain(Instant deadline) override {
    CO_TRY(const std::string subject, co_await read_subject(deadline));
    constexpr std::string_view kCloud = "https://www.googleapis.com/auth/cloud-platform";
    FetchRequest request = form_post(
        account_.tokens.url,
        form({{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
              {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
              {"audience", account_.audience},
              {"scope", account_.impersonation ? kCloud : std::string_view(account_.scope)},
              {"subject_token_type", account_.subject.type},
              {"subject_token", subject}}));
    request.query = account_.tokens.query;
    auto reply = co_await fetch_->fetch(std::move(request), deadline);
    if (!reply) co_return no_answer(kSts, reply.error());
    CO_TRY(Grant federated, read_token(*reply, clock_, kSts));
    if (!account_.impersonation) co_return federated;
    co_return co_await impersonate(federated.secret, deadline);
  }

 private:
  Task<Result<std::string>> read_subject(Instant deadline) const {
    const Subject& subject = account_.subject;
    std::string text;
    if (subject.url) {
      FetchRequest request{
          .url = subject.url->url, .query = subject.url->query, .fields = subject.headers};
      auto reply = co_await fetch_->fetch(std::move(request), deadline);
      if (!reply) co_return no_answer(kSubjects, reply.error());
      if (reply->status != 200) co_return not_granted(kSubjects, *reply);
      text = std::move(reply->body);
    } else {
      // Renewed by whoever runs us, so it is read each time.
      auto content = environment_->file(subject.file);
      if (!content) co_return no_credential(subject.file + ": " + content.error()->message);
      text = *std::move(content);
    }
    if (!subject.json_field.empty()) {
      const std::string document = std::move(text);
      text = JsonFields(document).text(subject.json_field).value_or("");
    }
    std::string token(text::trim(text));
    if (token.empty()) co_return no_credential("the subject token is not where it should be");
    co_return token;
  }

  Task<Result<Grant>> impersonate(const std::string& token, Instant deadline) const {
    std::string body;
    json::Writer writer(body);
    writer.begin_object().key("scope").begin_array().value(account_.scope).end_array();
    writer.member("lifetime", "3600s").end_object();
    FetchRequest request{
        .method = "POST",
        .url = account_.impersonation->url,
        .query = account_.impersonation->query,
        .fields = {{"authorization", "Bearer " + token}, {"content-type", "application/json"}},
        .body = std::move(body)};
    auto reply = co_await fetch_->fetch(std::move(request), deadline);
    if (!reply) co_return no_answer(kAccounts, reply.error());
    if (reply->status != 200) co_return not_granted(kAccounts, *reply);
    const JsonFields fields(reply->body);
    auto granted = fields.text("accessToken");
    const auto expires = text::parse_timestamp(fields.text("expireTime").value_or(""));
    if (!granted || !fits_header(*granted) || !expires) co_return not_granted(kAccounts, *reply);
    co_return Grant{.secret = *std::move(granted), .expires = expiry_at(clock_, *expires)};
  }

  const Account account_;
  const Clock& clock_;
  const std::shared_ptr<Fetch> fetch_;
  const std::shared_ptr<const config::Environment> environment_;
};

Result<Subject> subject_of(const JsonFields& file) {
  Subject subject{.file = file.text("credential_source.file").value_or(""),
                  .url = std::nullopt,
                  .headers = file.texts("credential_source.headers"),
                  .json_field = {},
                  .type = file.text("subject_token_type").value_or("")};
  if (subject.type.empty()) return refuse("it lacks subject_token_type");
  for (const auto& [name, value] : subject.headers) {
    if (!fits_header(name) || name.contains(':')) {
      return refuse("credential_source.headers: expected names of headers");
    }
  }
  if (file.has("credential_source.executable")) {
    return refuse("credential_source.executable: no program is run for tokens");
  }
  if (file.has("credential_source.environment_id")) {
    return refuse("credential_source.environment_id: Amazon's machines are not supported here");
  }
  if (subject.file.empty()) {
    if (!file.has("credential_source.url"))
      return refuse("credential_source: it has no file or url");
    TRY(subject.url, google_url(file, "credential_source.url"));
  }
  if (file.text("credential_source.format.type").value_or("text") == "json") {
    subject.json_field =
        file.text("credential_source.format.subject_token_field_name").value_or("");
    if (subject.json_field.empty()) {
      return refuse("credential_source.format lacks subject_token_field_name");
    }
  }
  return subject;
}

}  // namespace

Result<std::unique_ptr<GrantSource>> make_external_account(const JsonFields& file,
                                                           const std::string& scope,
                                                           const CredentialGround& ground) {
  ExternalAccount::Account account;
  TRY(account.tokens, google_url(file, "token_url", "https://sts.googleapis.com/v1/token"));
  TRY(account.subject, subject_of(file));
  account.audience = file.text("audience").value_or("");
  if (account.audience.empty()) return refuse("it lacks audience");
  account.scope = scope;
  if (file.has("service_account_impersonation_url")) {
    TRY(account.impersonation, google_url(file, "service_account_impersonation_url"));
  }
  return std::make_unique<ExternalAccount>(std::move(account), ground);
}

}  // namespace sluice::providers
