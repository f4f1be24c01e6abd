// Signs with keys of Amazon: fixed ones, a profile's, the environment's, a role's.
#pragma once

#include "sluice/provider.h"

#include "providers/credentials/aws_sigv4.h"
#include "providers/credentials/bearer_token.h"

#include <cstdint>
#include <memory>
#include <string>

namespace sluice::providers {

// Whose role it is; None: nobody is asked for one.
enum class AwsRole : std::uint8_t { None, Instance, Container };

struct AwsOptions {
  std::string region;
  std::string service = "bedrock";
  std::string host;  // As it is sent in the Host header.

  // The first of these that is given holds: keys, a profile, a role, the environment.
  std::string access_key = {};
  config::Secret secret_key = {};
  config::Secret session_token = {};
  std::string profile = {};
  AwsRole role = AwsRole::None;
};

// A body is signed whole, so requests that pass one on as it comes are refused.
//
// Fails when what is configured cannot sign: half a key, a profile that does not exist or wants to
// run a program, no keys in the environment. A role is asked for at the first request.
Result<std::shared_ptr<const Credential>> make_aws_credential(const AwsOptions& options,
                                                              const CredentialGround& ground);

}  // namespace sluice::providers
