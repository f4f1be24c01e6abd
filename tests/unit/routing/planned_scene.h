// In which order the targets of one group would be asked.
#pragma once

#include "routing/plan.h"
#include "unit/routing/routed_scene.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::routing {

using Order = std::vector<std::string>;

class PlannedScene : public RoutedScene {
 protected:
  // The group is the last one of `models:`.
  void configure(std::string_view yaml) {
    RoutedScene::configure(yaml);
    const auto last = static_cast<std::uint16_t>(snapshot_->config().models.size() - 1);
    group_ = std::make_unique<Group>(*snapshot_, last, common_.fleet);
  }
  // On three simulators, with these groups.
  void models(std::string_view yaml) {
    configure(std::string(kProviders) + "models:\n" + std::string(yaml));
  }

  // A request for the group: the next one to be planned.
  void ask(std::string_view members = "") {
    plan_.reset();
    asked_ = request(snapshot_->config().models.back().name, members);
  }
  Plan& plan() {
    if (!asked_) ask();
    if (!plan_) plan_ = std::make_unique<Plan>(*ground_, *group_, asked_->context, asked_->request);
    return *plan_;
  }

  std::string label(const std::optional<Pick>& pick) const {
    if (!pick) return "nobody";
    return snapshot_->config().providers[pick->candidate->provider].name + "/" +
           std::string(pick->candidate->model);
  }
  // Whom a new request is sent to first.
  std::string first(std::string_view members = "") {
    ask(members);
    return label(plan().next(false));
  }
  // All of them, each of which fails.
  Order order(std::string_view members = "") {
    ask(members);
    return rest();
  }
  Order rest() {
    Order all;
    while (const auto pick = plan().next(!all.empty())) {
      all.push_back(label(pick));
      plan().tried(*pick);
    }
    return all;
  }

  static constexpr std::string_view kProviders = R"(
providers:
  one: { type: simulator, tags: { region: eu, tier: gold } }
  two: { type: simulator, tags: { region: us, tier: gold } }
  three: { type: simulator, tags: { region: eu } }
)";

  std::unique_ptr<Group> group_;
  std::unique_ptr<Asked> asked_;
  std::unique_ptr<Plan> plan_;
};

}  // namespace sluice::routing
