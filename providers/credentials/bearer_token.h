// Tokens that an endpoint hands out, sent as Authorization: Bearer. What OAuth's endpoints have in
// common; who asks them, and with what proof, is in google_token.h and entra_token.h.
#pragma once

#include "sluice/provider.h"

#include "config/environment.h"
#include "config/secret.h"
#include "providers/credentials/fetch.h"
#include "providers/credentials/grant.h"

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::providers {

// What credentials that ask someone need. The references outlive them; the shelf is optional.
struct CredentialGround {
  net::Loop& loop;
  const Clock& clock;
  std::shared_ptr<Fetch> fetch;
  std::shared_ptr<const config::Environment> environment;
  std::shared_ptr<GrantShelf> shelf = nullptr;
};

class BearerToken final : public Credential {
 public:
  // The project, if any, is whom Google bills: x-goog-user-project.
  BearerToken(const CredentialGround& ground, std::unique_ptr<GrantSource> source,
              std::string quota_project = {})
      : grants_(
            std::make_unique<Grants>(ground.loop, ground.clock, std::move(source), ground.shelf)),
        quota_project_(std::move(quota_project)) {}

  Task<Result<void>> sign(Context& context, UpstreamRequest& request) const override;
  void refused(int status) const override;

 private:
  std::unique_ptr<Grants> grants_;
  std::string quota_project_;
};

// A token that somebody else renews.
class FixedToken final : public Credential {
 public:
  explicit FixedToken(const config::Secret& token)
      : authorization_("Bearer " + std::string(token.reveal())) {}
  Task<Result<void>> sign(Context& context, UpstreamRequest& request) const override;

 private:
  std::string authorization_;
};

// "a=1&b=%2F"
std::string form(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);
// A POST of it.
FetchRequest form_post(config::Url url, std::string body);

// The whole of what callers read of all this is one sentence; `detail` is for the log and must hold
// nothing that was sent or answered.
std::unexpected<Failure> no_credential(std::string detail);
// The exchange with `who` itself failed.
std::unexpected<Failure> no_answer(std::string_view who, const Failure& failure);
// `who` answered something else than was hoped for. Of the answer only its status and OAuth's own
// word for the error are told.
std::unexpected<Failure> not_granted(std::string_view who, const FetchReply& reply);

// {"access_token": …, "expires_in": …}
Result<Grant> read_token(const FetchReply& reply, const Clock& clock, std::string_view who);

// Goes into a header as it is.
bool fits_header(std::string_view text);

}  // namespace sluice::providers
