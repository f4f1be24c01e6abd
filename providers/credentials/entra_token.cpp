#include "providers/credentials/entra_token.h"

#include "base/text.h"

#include <algorithm>

namespace sluice::providers {
namespace {

constexpr std::string_view kWho = "Entra ID's token endpoint";

class EntraSource final : public GrantSource {
 public:
  EntraSource(config::Url url, const EntraOptions& options, const CredentialGround& ground)
      : url_(std::move(url)), options_(options), clock_(ground.clock), fetch_(ground.fetch) {}

  Task<Result<Grant>> obtain(Instant deadline) override {
    FetchRequest request = form_post(url_, form({{"grant_type", "client_credentials"},
                                                 {"client_id", options_.client_id},
                                                 {"client_secret", options_.client_secret.reveal()},
                                                 {"scope", options_.scope}}));
    auto reply = co_await fetch_->fetch(std::move(request), deadline);
    if (!reply) co_return no_answer(kWho, reply.error());
    co_return read_token(*reply, clock_, kWho);
  }

 private:
  const config::Url url_;
  const EntraOptions options_;
  const Clock& clock_;
  const std::shared_ptr<Fetch> fetch_;
};

bool is_tenant(std::string_view text) {
  const auto fits = [](char c) {
    const char letter = text::lower(c);
    return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("._-").contains(c);
  };
  return !text.empty() && text.front() != '.' && std::ranges::all_of(text, fits);
}

}  // namespace

Result<std::shared_ptr<const Credential>> make_entra_token(const EntraOptions& options,
                                                           const CredentialGround& ground) {
  auto url = config::parse_url(options.authority);
  if (!url) return fail(ErrorKind::InvalidRequest, "invalid_request", "authority: " + url.error());
  if (!is_tenant(options.tenant)) {
    return fail(ErrorKind::InvalidRequest, "invalid_request",
                "tenant: expected letters, digits, \".\", \"_\" and \"-\" only");
  }
  url->path += "/" + options.tenant + "/oauth2/v2.0/token";
  return std::make_shared<const BearerToken>(
      ground, std::make_unique<EntraSource>(*std::move(url), options, ground));
}

}  // namespace sluice::providers
