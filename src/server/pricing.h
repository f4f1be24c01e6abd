// What the answers of one worker cost, under one configuration. Prices are looked up by name once
// in a while, not for every request.
#pragma once

#include "sluice/account.h"
#include "sluice/price.h"

#include "config/snapshot.h"
#include "ledger/prices.h"

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::server {

class Pricing {
 public:
  explicit Pricing(const config::Snapshot& snapshot) : snapshot_(snapshot) {}
  Pricing(const Pricing&) = delete;
  Pricing& operator=(const Pricing&) = delete;

  struct Charge {
    ledger::Cost cost;
    bool estimated = false;  // A price is not known: by that of the provider's dearest model.
  };
  // Nothing: there is no usage, or no price to count by.
  std::optional<Charge> charge_of(const Attempt& attempt);
  // Of all attempts together.
  std::optional<Charge> charge_of(const Account& account);

 private:
  // One that was looked up; a price that begins or ends is noticed within a minute.
  struct Known {
    std::string provider;
    std::string model;
    const Price* price = nullptr;
    bool estimated = false;
    Instant look_again{};
  };

  const Known& look_up(const Attempt& attempt);
  void find_price(Known& known) const;

  const config::Snapshot& snapshot_;
  std::array<Known, 64> known_;
};

}  // namespace sluice::server
