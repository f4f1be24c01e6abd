// A provider's API keys, spread by weight; or the caller's own.
#pragma once

#include "sluice/catalogue.h"
#include "sluice/provider.h"

#include <string>
#include <vector>

namespace sluice::providers {

// Where a provider wants its key.
struct KeyField {
  std::string_view name = "authorization";
  std::string_view prefix = "Bearer ";  // Of the value.
};
KeyField key_field(KeyKind kind);

struct WeightedKey {
  std::string secret;
  std::uint32_t weight = 1;
};

class ApiKey final : public Credential {
 public:
  explicit ApiKey(const std::vector<WeightedKey>& keys, const KeyField& field = {});
  Task<Result<void>> sign(Context& context, UpstreamRequest& request) const override;

 private:
  struct Share {
    std::string value;
    std::uint64_t up_to;  // Of the weights up to and including this one.
  };
  std::string_view name_;
  std::vector<Share> shares_;
};

class CallersKey final : public Credential {
 public:
  explicit CallersKey(const KeyField& field = {}) : field_(field) {}
  Task<Result<void>> sign(Context& context, UpstreamRequest& request) const override;

 private:
  KeyField field_;
};

class NoKey final : public Credential {
 public:
  Task<Result<void>> sign(Context&, UpstreamRequest&) const override { return Result<void>(); }
};

}  // namespace sluice::providers
