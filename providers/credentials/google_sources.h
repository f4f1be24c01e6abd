// Whom Google's tokens are asked of, by the kind of a credentials file.
#pragma once

#include "providers/credentials/bearer_token.h"
#include "providers/credentials/json_fields.h"

#include <memory>
#include <string>

namespace sluice::providers {

inline constexpr std::string_view kGoogleTokens = "https://oauth2.googleapis.com/token";

// RFC 7523: a JWT that the account's key signs, for a token.
Result<std::unique_ptr<GrantSource>> make_service_account(const JsonFields& file,
                                                          const std::string& scope,
                                                          const CredentialGround& ground);

// A person's own refresh token, as `gcloud auth application-default login` leaves it.
Result<std::unique_ptr<GrantSource>> make_authorized_user(const JsonFields& file,
                                                          const CredentialGround& ground);

// RFC 8693: the token of another identity provider, from a file or a URL, for one of Google's; and
// that one, where the file says so, for a service account's. No program is run for tokens.
Result<std::unique_ptr<GrantSource>> make_external_account(const JsonFields& file,
                                                           const std::string& scope,
                                                           const CredentialGround& ground);

// At GCE_METADATA_HOST or 169.254.169.254.
Result<std::unique_ptr<GrantSource>> make_google_metadata(const CredentialGround& ground);

// The URL in a field; it must be one that tokens may be asked of.
Result<FetchUrl> google_url(const JsonFields& file, std::string_view field,
                            std::string_view otherwise = {});

}  // namespace sluice::providers
