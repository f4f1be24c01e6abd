#include "config/price_table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <tuple>
#include <utility>

namespace sluice::config {
namespace {

auto place_of(const Price& price) {
  return std::tie(price.provider, price.model, price.from);
}

// A model's prices stand next to each other.
std::span<const Price> of_model(std::span<const Price> prices, std::string_view provider,
                                std::string_view model) {
  const auto found = std::ranges::equal_range(
      prices, std::tie(provider, model), {},
      [](const Price& price) { return std::tie(price.provider, price.model); });
  return {found.begin(), found.end()};
}

std::span<const Price> of_provider(std::span<const Price> prices, std::string_view provider) {
  const auto found = std::ranges::equal_range(prices, provider, {}, &Price::provider);
  return {found.begin(), found.end()};
}

bool is_in_force(const Price& price, std::int64_t at) {
  return price.from <= at && at < price.until;
}

// The last to begin of those in force.
const Price* in_force(std::span<const Price> of_one_model, std::int64_t at) {
  const Price* found = nullptr;
  for (const Price& price : of_one_model) {
    if (is_in_force(price, at)) found = &price;
  }
  return found;
}

const Price* by_star(std::span<const Price> prices, std::string_view provider,
                     std::string_view model, std::int64_t at) {
  const Price* longest = nullptr;
  for (const Price& price : of_provider(prices, provider)) {
    if (!price.model.ends_with('*') || !is_in_force(price, at)) continue;
    const auto beginning = price.model.substr(0, price.model.size() - 1);
    if (!model.starts_with(beginning)) continue;
    if (!longest || price.model.size() >= longest->model.size()) longest = &price;
  }
  return longest;
}

const Price* dearer(const Price* one, const Price* other) {
  if (!one || !other) return one ? one : other;
  const auto dear = [](const Price& price) {
    return std::tie(price.rates.output, price.rates.input);
  };
  return dear(*one) < dear(*other) ? other : one;
}

}  // namespace

std::string price_id(std::string_view provider, std::string_view model, std::int64_t from) {
  std::string id(provider);
  id.append("/").append(model);
  if (from == std::numeric_limits<std::int64_t>::min()) return id;
  const auto day =
      std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(from)));
  const std::chrono::year_month_day date(day);
  std::array<char, 32> text{};
  const int size = std::snprintf(text.data(), text.size(), "@%04d-%02u-%02u", int(date.year()),
                                 unsigned(date.month()), unsigned(date.day()));
  return id.append(text.data(), static_cast<std::size_t>(size));
}

PriceTable::PriceTable(std::span<const Price> built_in, std::vector<PriceTexts> told)
    : built_in_(built_in) {
  told_.reserve(told.size());
  for (PriceTexts& each : told) {
    const PriceTexts& texts = texts_.emplace_back(std::move(each));
    Price& price = told_.emplace_back(texts.price);
    price.provider = texts.provider;
    price.model = texts.model;
    price.tiers = texts.tiers;
    price.id = ids_.emplace_back(price_id(texts.provider, texts.model, price.from));
  }
  std::ranges::sort(told_, {}, place_of);
}

const Price* PriceTable::find(std::string_view provider, std::string_view model,
                              std::chrono::sys_seconds at) const {
  const std::int64_t when = at.time_since_epoch().count();
  if (const auto exact = of_model(told_, provider, model); !exact.empty()) {
    return in_force(exact, when);
  }
  if (const auto exact = of_model(built_in_, provider, model); !exact.empty()) {
    return in_force(exact, when);
  }
  if (const Price* found = by_star(told_, provider, model, when)) return found;
  return by_star(built_in_, provider, model, when);
}

const Price* PriceTable::dearest(std::string_view provider, std::chrono::sys_seconds at) const {
  const std::int64_t when = at.time_since_epoch().count();
  const Price* found = nullptr;
  for (const auto prices : {of_provider(told_, provider), of_provider(built_in_, provider)}) {
    for (const Price& price : prices) {
      if (is_in_force(price, when)) found = dearer(found, &price);
    }
  }
  return found;
}

}  // namespace sluice::config
