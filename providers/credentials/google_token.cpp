#include "providers/credentials/google_token.h"

#include "providers/credentials/google_sources.h"

namespace sluice::providers {
namespace {

std::unexpected<Failure> refuse(std::string message) {
  return fail(ErrorKind::InvalidRequest, "invalid_request", std::move(message));
}

Result<std::unique_ptr<GrantSource>> source_of(const JsonFields& file, const std::string& scope,
                                               const CredentialGround& ground) {
  const std::string type = file.text("type").value_or("");
  if (type == "service_account") return make_service_account(file, scope, ground);
  if (type == "authorized_user") return make_authorized_user(file, ground);
  if (type == "external_account") return make_external_account(file, scope, ground);
  return refuse("its type is none of service_account, authorized_user and external_account");
}

}  // namespace

Result<std::shared_ptr<const Credential>> make_google_token(const GoogleOptions& options,
                                                            const CredentialGround& ground) {
  if (!options.access_token.empty()) {
    if (!fits_header(options.access_token.reveal())) return refuse("access_token: it is none");
    return std::make_shared<const FixedToken>(options.access_token);
  }
  if (options.credentials.empty()) {
    if (!options.metadata_server) return refuse("there is no credentials file and no access_token");
    TRY(auto source, make_google_metadata(ground));
    return std::make_shared<const BearerToken>(ground, std::move(source));
  }
  const auto in_file = [&](const Failure& failure) {
    return refuse(options.credentials + ": " + failure->message);
  };
  const auto content = ground.environment->file(options.credentials);
  if (!content) return in_file(content.error());
  const JsonFields file(*content);
  if (!file.is_object()) return refuse(options.credentials + ": it is no JSON object");
  auto source = source_of(file, options.scope, ground);
  if (!source) return in_file(source.error());
  return std::make_shared<const BearerToken>(ground, *std::move(source),
                                             file.text("quota_project_id").value_or(""));
}

}  // namespace sluice::providers
