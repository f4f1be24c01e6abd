#include "server/pricing.h"

#include <algorithm>
#include <cstring>

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

const Pricing::Known& Pricing::look_up(std::string_view provider, std::string_view model) {
  Known& known = known_[slot_of(provider, model)];
  const Instant now = std::chrono::steady_clock::now();
  if (known.model != model || known.provider != provider || now >= known.look_again) {
    known.provider = provider;
    known.model = model;
    known.look_again = now + kLookAgain;
    find_price(known);
  }
  return known;
}

std::optional<Pricing::Charge> Pricing::charge_of(const Account& account) {
  const Attempt* last = account.last();
  if (!last || account.usage == Usage()) return std::nullopt;
  const Known& known = look_up(last->provider, last->model);
  if (!known.price) return std::nullopt;
  return Charge{.cost = ledger::cost_of(*known.price, account.usage), .estimated = known.estimated};
}

}  // namespace sluice::server
