// Keys of the role that the machine or the container runs under. They are asked for only where the
// configuration says so, and only nearby: see Reach.
#pragma once

#include "providers/credentials/bearer_token.h"

#include <memory>

namespace sluice::providers {

// IMDSv2, at AWS_EC2_METADATA_SERVICE_ENDPOINT or 169.254.169.254.
Result<std::unique_ptr<GrantSource>> make_instance_role(const CredentialGround& ground);

// ECS and EKS: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI, with the token of
// AWS_CONTAINER_AUTHORIZATION_TOKEN or of the file that …_TOKEN_FILE names, read each time.
Result<std::unique_ptr<GrantSource>> make_container_role(const CredentialGround& ground);

}  // namespace sluice::providers
