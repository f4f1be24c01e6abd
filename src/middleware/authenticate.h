// Who is asking? Decided from the head alone, before a byte of the body is read.
#pragma once

#include "sluice/middleware.h"

namespace sluice::config {
struct AuthSettings;
class KeyTable;
}  // namespace sluice::config

namespace sluice::middleware {

class Authenticate final : public Gate {
 public:
  // Both live in the configuration that the request holds.
  Authenticate(const config::AuthSettings& settings, const config::KeyTable& keys)
      : settings_(settings), keys_(keys) {}

  Result<void> admit(Context& context, const Knock& knock) const override;

 private:
  const config::AuthSettings& settings_;
  const config::KeyTable& keys_;
};

}  // namespace sluice::middleware
