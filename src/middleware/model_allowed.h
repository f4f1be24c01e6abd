// May this key ask for this name? The name asked for counts, not what it leads to.
#pragma once

#include "sluice/middleware.h"

namespace sluice::middleware {

class ModelAllowed final : public Middleware {
 public:
  Task<Result<Reply>> handle(Context& context, Request& request, Next next) const override;
};

}  // namespace sluice::middleware
