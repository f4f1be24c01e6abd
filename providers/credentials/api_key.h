// A provider's API key; or the caller's own; or none.
#pragma once

#include "sluice/catalogue.h"
#include "sluice/provider.h"

#include <string>
#include <string_view>

namespace sluice::providers {

// Where a provider wants its key.
struct KeyField {
  std::string_view name = "authorization";
  std::string_view prefix = "Bearer ";  // Of the value.
};
KeyField key_field(KeyKind kind);

class ApiKey final : public Credential {
 public:
  explicit ApiKey(std::string_view secret, const KeyField& field = {});
  Task<Result<void>> sign(Context& context, UpstreamRequest& request) const override;

 private:
  std::string_view name_;
  std::string value_;
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
