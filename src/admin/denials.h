// Tells the log who is turned away. A scraper with a wrong token fails without a word on its own
// side; it comes back every few seconds, so not every time is told.
#pragma once

#include "sluice/clock.h"
#include "sluice/error.h"

#include "net/http_exchange.h"

#include <cstdint>

namespace sluice::admin {

class Denials {
 public:
  void tell(const net::HttpExchange& exchange, const ApiError& error);

 private:
  Instant quiet_until_{};
  std::uint64_t untold_ = 0;
};

}  // namespace sluice::admin
