// Tokens of Microsoft Entra ID, by OAuth's client credentials.
#pragma once

#include "providers/credentials/bearer_token.h"

namespace sluice::providers {

struct EntraOptions {
  std::string tenant;  // A name or a number: [A-Za-z0-9._-] only.
  std::string client_id;
  config::Secret client_secret;
  std::string scope = "https://cognitiveservices.azure.com/.default";
  std::string authority = "https://login.microsoftonline.com";
};

// Fails when the tenant or the authority cannot be part of a URL.
Result<std::shared_ptr<const Credential>> make_entra_token(const EntraOptions& options,
                                                           const CredentialGround& ground);

}  // namespace sluice::providers
