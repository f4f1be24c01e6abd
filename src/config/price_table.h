// What models cost: the prices that are built in, and those of `prices:` before them.
#pragma once

#include "sluice/price.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

// A price as a file says it; its views are still empty.
struct PriceTexts {
  std::string provider;
  std::string model;
  Price price;
  std::vector<PriceTier> tiers;
};

// provider/model@2026-01-31, without the day when it was in force from the beginning.
std::string price_id(std::string_view provider, std::string_view model, std::int64_t from);

class PriceTable {
 public:
  PriceTable() = default;
  // `built_in` stays with the caller, sorted by provider, model and begin. A model that `told`
  // names keeps none of its built-in prices.
  PriceTable(std::span<const Price> built_in, std::vector<PriceTexts> told);
  PriceTable(const PriceTable&) = delete;
  PriceTable& operator=(const PriceTable&) = delete;

  // That of the exact model, else that of the longest name with a star. Null: nothing was in force
  // then.
  const Price* find(std::string_view provider, std::string_view model,
                    std::chrono::sys_seconds at) const;
  // The dearest of a provider by its output, then its input. Null: nothing was in force then.
  const Price* dearest(std::string_view provider, std::chrono::sys_seconds at) const;

  std::size_t size() const { return built_in_.size() + told_.size(); }

 private:
  std::span<const Price> built_in_;
  std::deque<PriceTexts> texts_;
  std::deque<std::string> ids_;
  std::vector<Price> told_;
};

}  // namespace sluice::config
