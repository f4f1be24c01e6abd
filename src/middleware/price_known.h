// Where `unknown_price: deny`: only models whose price is known are asked.
#pragma once

#include "sluice/middleware.h"

namespace sluice::middleware {

class PriceKnown final : public Middleware {
 public:
  // Behind resolve: targets that have no price are taken off the list.
  Task<Result<Reply>> handle(Context& context, Request& request, Next next) const override;
};

}  // namespace sluice::middleware
