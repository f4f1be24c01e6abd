// Every target that some configuration names, by name. Asked at reloads and by the admin API only.
#pragma once

#include "routing/allowance.h"
#include "routing/target_state.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::routing {

class Fleet {
 public:
  // The one there is, which then goes by these settings, or a new one. It lives as long as somebody
  // holds it: a configuration or a request.
  std::shared_ptr<TargetState> get_or_make(std::string_view name,
                                           const config::BreakerSettings& settings,
                                           std::optional<std::uint64_t> concurrent);

  // What a target is granted by the minute, shared and kept likewise; changed limits begin anew.
  // Null: it has none.
  std::shared_ptr<Allowance> allowance(std::string_view name,
                                       const config::RateLimitSettings& limits);

  // By name.
  std::vector<std::shared_ptr<TargetState>> list() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::weak_ptr<TargetState>, std::less<>> targets_;
  std::map<std::string, std::weak_ptr<Allowance>, std::less<>> allowances_;
};

}  // namespace sluice::routing
