// Tokens of Google Cloud: from a credentials file of any of its usual kinds, from the machine's
// metadata server, or as they were given.
#pragma once

#include "providers/credentials/bearer_token.h"

#include <memory>
#include <string>

namespace sluice::providers {

struct GoogleOptions {
  // The first of these that is given holds.
  config::Secret access_token = {};
  std::string credentials = {};  // A file: service_account, external_account or authorized_user.
  bool metadata_server = false;  // Asked only where the configuration says so.

  std::string scope = "https://www.googleapis.com/auth/cloud-platform";
};

// The file is read here; an error names it and what it lacks, and nothing that it holds.
Result<std::shared_ptr<const Credential>> make_google_token(const GoogleOptions& options,
                                                            const CredentialGround& ground);

}  // namespace sluice::providers
