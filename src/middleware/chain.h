// THE order in which a request meets the policies, and why it is this one.
#pragma once

#include "sluice/middleware.h"

#include <memory>
#include <vector>

namespace sluice::config {
class Snapshot;
}

namespace sluice::middleware {

class Chain {
 public:
  explicit Chain(const config::Snapshot& config);

  // From the head alone, before the body is read.
  Result<void> admit(Context& context, const Knock& knock) const;
  // The rest, once the request was read.
  Task<Result<Reply>> call(Context& context, Request& request, ModelCaller& caller) const;

 private:
  std::vector<std::unique_ptr<const Gate>> gates_;
  std::vector<std::unique_ptr<const Middleware>> middlewares_;
  std::vector<const Middleware*> order_;
};

}  // namespace sluice::middleware
