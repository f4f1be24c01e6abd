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

  // By the last attempt and its usage. Nothing: no price is known.
  std::optional<ledger::Cost> cost_of(const Account& account);

 private:
  // One that was looked up; a price that begins or ends is noticed within a minute.
  struct Known {
    std::string provider;
    std::string model;
    const Price* price = nullptr;
    Instant look_again{};
  };

  const Price* price_of(std::string_view provider, std::string_view model);

  const config::Snapshot& snapshot_;
  std::array<Known, 64> known_;
};

}  // namespace sluice::server
