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

std::vector<std::shared_ptr<TargetState>> Fleet::list() const {
  std::vector<std::shared_ptr<TargetState>> all;
  std::lock_guard lock(mutex_);
  for (const auto& [name, weak] : targets_) {
    if (auto target = weak.lock()) all.push_back(std::move(target));
  }
  return all;
}

}  // namespace sluice::routing
