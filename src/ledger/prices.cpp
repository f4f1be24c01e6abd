#include "ledger/prices.h"

#include <algorithm>
#include <limits>

namespace sluice::ledger {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kMillion = 1'000'000;
constexpr std::int64_t kPicoDollars = 1'000'000'000'000;

std::int64_t either(std::int64_t rate, std::int64_t without) {
  return rate == Rates::kUnset ? without : rate;
}

// All rates set, for a request of this size.
Rates rates_of(const Price& price, std::int64_t input) {
  Rates rates = price.rates;
  for (const PriceTier& tier : price.tiers) {
    if (input <= tier.above) break;
    rates = {.input = either(tier.rates.input, rates.input),
             .cached = either(tier.rates.cached, rates.cached),
             .cache_write = either(tier.rates.cache_write, rates.cache_write),
             .cache_write_1h = either(tier.rates.cache_write_1h, rates.cache_write_1h),
             .output = either(tier.rates.output, rates.output),
             .reasoning = either(tier.rates.reasoning, rates.reasoning),
             .audio_input = either(tier.rates.audio_input, rates.audio_input),
             .audio_output = either(tier.rates.audio_output, rates.audio_output),
             .image_input = either(tier.rates.image_input, rates.image_input),
             .image_output = either(tier.rates.image_output, rates.image_output)};
  }
  rates.input = either(rates.input, 0);
  rates.cached = either(rates.cached, rates.input);
  rates.cache_write = either(rates.cache_write, rates.input);
  rates.cache_write_1h = either(rates.cache_write_1h, rates.cache_write);
  rates.audio_input = either(rates.audio_input, rates.input);
  rates.image_input = either(rates.image_input, rates.input);
  rates.output = either(rates.output, 0);
  rates.reasoning = either(rates.reasoning, rates.output);
  rates.audio_output = either(rates.audio_output, rates.output);
  rates.image_output = either(rates.image_output, rates.output);
  return rates;
}

// Takes tokens from a whole, at most what is left of it.
class Share {
 public:
  explicit Share(std::int64_t whole) : left_(std::max<std::int64_t>(whole, 0)) {}

  Wide take(std::int64_t tokens, std::int64_t rate) {
    const auto taken = std::clamp<std::int64_t>(tokens, 0, left_);
    left_ -= taken;
    return Wide{taken} * rate;
  }
  Wide rest(std::int64_t rate) { return take(left_, rate); }

 private:
  std::int64_t left_;
};

Wide tokens_cost(const Rates& rates, const Usage& usage) {
  Share input(usage.input);
  Wide cost = input.take(usage.cached, rates.cached);
  cost += input.take(usage.cache_write_1h, rates.cache_write_1h);
  cost += input.take(std::max<std::int64_t>(usage.cache_write - usage.cache_write_1h, 0),
                     rates.cache_write);
  cost += input.take(usage.audio_input, rates.audio_input);
  cost += input.take(usage.image_input, rates.image_input);
  cost += input.rest(rates.input);
  Share output(usage.output);
  cost += output.take(usage.reasoning, rates.reasoning);
  cost += output.take(usage.audio_output, rates.audio_output);
  cost += output.take(usage.image_output, rates.image_output);
  return cost + output.rest(rates.output);
}

}  // namespace

Cost cost_of(const Price& price, const Usage& usage) {
  const Wide tokens = tokens_cost(rates_of(price, usage.input), usage);
  Wide cost = (tokens + kMillion / 2) / kMillion;
  cost += price.request;
  cost += Wide{std::max<std::int64_t>(usage.searches, 0)} * price.search;
  const Wide largest = std::numeric_limits<std::int64_t>::max();
  return {static_cast<std::int64_t>(std::min(cost, largest))};
}

std::string usd_text(Cost cost) {
  std::string text = std::to_string(cost.pico_dollars / kPicoDollars);
  std::string behind = std::to_string(kPicoDollars + cost.pico_dollars % kPicoDollars).substr(1);
  behind.erase(behind.find_last_not_of('0') + 1);
  if (!behind.empty()) text.append(".").append(behind);
  return text;
}

}  // namespace sluice::ledger
