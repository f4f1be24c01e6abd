// `defaults` and `overrides` of the name that was asked for.
#pragma once

#include "sluice/middleware.h"

namespace sluice::middleware {

class RequestFields final : public Middleware {
 public:
  // Behind resolve. The body is changed, and what policies read of it is read again.
  Task<Result<Reply>> handle(Context& context, Request& request, Next next) const override;
};

}  // namespace sluice::middleware
