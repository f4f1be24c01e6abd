#include "routing/fleet.h"

namespace sluice::routing {

std::shared_ptr<TargetState> Fleet::get_or_make(std::string_view name,
                                                const config::BreakerSettings& settings,
                                                std::optional<std::uint64_t> concurrent) {
  std::lock_guard lock(mutex_);
  std::erase_if(targets_, [](const auto& entry) { return entry.second.expired(); });
  const auto known = targets_.find(name);
  if (known != targets_.end()) {
    if (auto target = known->second.lock()) {
      target->apply(settings, concurrent);
      return target;
    }
  }
  auto target = std::make_shared<TargetState>(std::string(name), settings, concurrent);
  targets_.insert_or_assign(std::string(name), target);
  return target;
}

std::shared_ptr<Allowance> Fleet::allowance(std::string_view name,
                                            const config::RateLimitSettings& limits) {
  if (!limits.requests_per_minute && !limits.tokens_per_minute) return nullptr;
  std::string identity(name);
  identity += '\n' + std::to_string(limits.requests_per_minute.value_or(0));
  identity += '\n' + std::to_string(limits.tokens_per_minute.value_or(0));
  std::lock_guard lock(mutex_);
  std::erase_if(allowances_, [](const auto& entry) { return entry.second.expired(); });
  std::weak_ptr<Allowance>& known = allowances_[std::move(identity)];
  auto allowance = known.lock();
  if (!allowance) {
    allowance = std::make_shared<Allowance>(limits.requests_per_minute, limits.tokens_per_minute);
    known = allowance;
  }
  return allowance;
}

std::vector<std::shared_ptr<TargetState>> Fleet::list() const {
  std::vector<std::shared_ptr<TargetState>> all;
  std::lock_guard lock(mutex_);
  for (const auto& [name, weak] : targets_) {
    if (auto target = weak.lock()) all.push_back(std::move(target));
  }
  return all;
}

}  // namespace sluice::routing
