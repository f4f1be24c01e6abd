// From the name that was asked for to the models that may answer.
#pragma once

#include "sluice/middleware.h"

namespace sluice::middleware {

class Resolve final : public Middleware {
 public:
  Task<Result<Reply>> handle(Context& context, Request& request, Next next) const override;
};

}  // namespace sluice::middleware
