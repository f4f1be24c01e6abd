// What is known of its targets from requests before, and what is to be learned from this one.
#include "config/snapshot.h"
#include "routing/learning.h"
#include "routing/plan.h"

#include <algorithm>

namespace sluice::routing {
namespace {

constexpr std::size_t kMostLearned = 4;  // Groups of `learned` within each other.

bool holds(const Member& member, std::uint16_t place) {
  if (!member.group) return member.place == place;
  return std::ranges::find(member.group->places, place) != member.group->places.end();
}

}  // namespace

std::string_view Plan::traffic_class(const Node& node) {
  const auto& expression = node.settings->learned.traffic_class;
  if (!expression) return {};
  return context_.arena.keep(expression->evaluate(facts_).text());
}

void Plan::tell_learned(const Node& node, std::span<Choice> choices) {
  const config::LearnedSettings& learned = node.settings->learned;
  ground_.common.learning.tell(
      node.name, traffic_class(node),
      {.quality = learned.quality, .cost = learned.cost, .latency = learned.latency}, choices);
}

std::optional<std::uint64_t> Plan::prompt() {
  if (!prompt_) prompt_ = facts_.affinity({.by = config::StickySettings::By::Prompt, .header = {}});
  return *prompt_;
}

const Lessons* Plan::lessons(std::uint16_t place) {
  if (!scope_->learns) return nullptr;
  Arena& arena = context_.arena;
  const std::string_view label =
      arena.join(destination_at(place).name, "/", candidate_at(place)->model);
  const std::span<Lessons::Lesson> learned = arena.array<Lessons::Lesson>(kMostLearned);
  std::size_t count = 0;
  bool cheapest = false;
  for (const Node* node = scope_; node;) {
    const auto member =
        std::ranges::find_if(node->members, [&](const Member& one) { return holds(one, place); });
    if (member == node->members.end()) break;
    const config::StrategyKind strategy = node->settings->strategy;
    if (strategy == config::StrategyKind::Learned && count < kMostLearned) {
      std::construct_at(&learned[count++],
                        Lessons::Lesson{.group = node->name,
                                        .traffic_class = traffic_class(*node),
                                        .target = member->group ? member->group->name : label});
    }
    cheapest |= strategy == config::StrategyKind::Cheapest;
    node = member->group;
  }
  Lessons lessons{.common = &ground_.common,
                  .learned = learned.first(count),
                  .price = count > 0 ? price_at(place) : nullptr,
                  .prompt = {},
                  .target = name_at(place)};
  if (cheapest) lessons.prompt = prompt();
  return arena.array_of(lessons).data();
}

}  // namespace sluice::routing
