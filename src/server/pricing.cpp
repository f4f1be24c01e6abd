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
  std::memcpy(&tail, model.data() + model.size() - size, size);
  const std::uint64_t mixed =
      (tail ^ provider.size() << 56 ^ model.size() << 48) * 0x9e3779b97f4a7c15U;
  return mixed >> 58;
}

}  // namespace

const Price* Pricing::price_of(std::string_view provider, std::string_view model) {
  Known& known = known_[slot_of(provider, model)];
  const Instant now = std::chrono::steady_clock::now();
  if (known.model == model && known.provider == provider && now < known.look_again) {
    return known.price;
  }
  const config::ProviderSettings* settings = snapshot_.provider(provider);
  known.provider = provider;
  known.model = model;
  known.look_again = now + kLookAgain;
  known.price = nullptr;
  if (settings) {
    const auto today = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    known.price = snapshot_.prices().find(settings->type, model, today);
  }
  return known.price;
}

std::optional<ledger::Cost> Pricing::cost_of(const Account& account) {
  const Attempt* last = account.last();
  if (!last || account.usage == Usage()) return std::nullopt;
  const Price* price = price_of(last->provider, last->model);
  if (!price) return std::nullopt;
  return ledger::cost_of(*price, account.usage);
}

}  // namespace sluice::server
