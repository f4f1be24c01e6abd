#include "server/pricing.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace sluice::server {
namespace {

constexpr Duration kLookAgain = std::chrono::minutes(1);

// Of names that differ little: their ends and their sizes do.
std::size_t slot_of(std::string_view provider, std::string_view model) {
  std::uint64_t tail = 0;
  const std::size_t size = std::min(model.size(), sizeof tail);
  if (size > 0) std::memcpy(&tail, model.data() + model.size() - size, size);
  const std::uint64_t mixed =
      (tail ^ provider.size() << 56 ^ model.size() << 48) * 0x9e3779b97f4a7c15U;
  return mixed >> 58;
}

ledger::Cost both(ledger::Cost one, ledger::Cost other) {
  ledger::Cost sum{.pico_dollars = std::numeric_limits<std::int64_t>::max()};
  if (one.pico_dollars < sum.pico_dollars - other.pico_dollars)
    sum.pico_dollars = one.pico_dollars + other.pico_dollars;
  return sum;
}

}  // namespace

void Pricing::find_price(Known& known) const {
  known.price = nullptr;
  known.estimated = false;
  const config::ProviderSettings* settings = snapshot_.provider(known.provider);
  if (!settings) return;
  const auto today = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  known.price = snapshot_.prices().find(settings->type, known.model, today);
  if (known.price || snapshot_.config().unknown_price != UnknownPrice::Estimate) return;
  known.price = snapshot_.prices().dearest(settings->type, today);
  known.estimated = true;
}

const Pricing::Known& Pricing::look_up(const Attempt& attempt) {
  Known& known = known_[slot_of(attempt.provider, attempt.model)];
  const bool same = known.model == attempt.model && known.provider == attempt.provider;
  if (!same || attempt.begun >= known.look_again) {
    known.provider = attempt.provider;
    known.model = attempt.model;
    known.look_again = attempt.begun + kLookAgain;
    find_price(known);
  }
  return known;
}

std::optional<Pricing::Charge> Pricing::charge_of(const Attempt& attempt) {
  if (attempt.usage == Usage()) return std::nullopt;
  const Known& known = look_up(attempt);
  if (!known.price) return std::nullopt;
  return Charge{.cost = ledger::cost_of(*known.price, attempt.usage), .estimated = known.estimated};
}

std::optional<Pricing::Charge> Pricing::charge_of(const Account& account) {
  std::optional<Charge> sum;
  bool complete = true;
  for (const Attempt* attempt = account.first(); attempt; attempt = attempt->next) {
    const auto charge = charge_of(*attempt);
    complete &= charge || attempt->usage == Usage();
    if (!charge) continue;
    if (!sum) sum.emplace();
    sum->cost = both(sum->cost, charge->cost);
    sum->estimated |= charge->estimated;
  }
  if (sum) sum->estimated |= !complete;
  return sum;
}

}  // namespace sluice::server
