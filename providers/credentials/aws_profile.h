// Keys of a profile in the files that Amazon's tools share, or of the environment.
#pragma once

#include "sluice/error.h"

#include "config/environment.h"
#include "providers/credentials/grant.h"

#include <string>

namespace sluice::providers {

// ~/.aws/credentials, then ~/.aws/config, or where AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE
// say. No program is run for keys, and no other role assumed. Errors name files and keys, never
// values.
Result<Grant> read_aws_profile(const std::string& profile, const config::Environment& environment);

// AWS_ACCESS_KEY_ID and its companions; else the profile that AWS_PROFILE names, or "default".
Result<Grant> read_aws_environment(const config::Environment& environment);

}  // namespace sluice::providers
