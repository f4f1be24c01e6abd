// A provider's API keys, spread by weight; or the caller's own.
#pragma once

#include "sluice/provider.h"

#include <string>
#include <vector>

namespace sluice::providers {

struct WeightedKey {
  std::string secret;
  std::uint32_t weight = 1;
};

class ApiKey final : public Credential {
 public:
  explicit ApiKey(const std::vector<WeightedKey>& keys);
  Task<Result<void>> sign(Context& context, UpstreamRequest& request) const override;

 private:
  struct Share {
    std::string authorization;
    std::uint64_t up_to;  // Of the weights up to and including this one.
  };
  std::vector<Share> shares_;
};

class CallersKey final : public Credential {
 public:
  Task<Result<void>> sign(Context& context, UpstreamRequest& request) const override;
};

class NoKey final : public Credential {
 public:
  Task<Result<void>> sign(Context&, UpstreamRequest&) const override { return Result<void>(); }
};

}  // namespace sluice::providers
