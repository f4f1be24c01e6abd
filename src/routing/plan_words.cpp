// What a plan tells of itself: why nobody could be asked, and how one is chosen.
#include "base/json_writer.h"
#include "base/random.h"
#include "config/snapshot.h"
#include "dialect/request_needs.h"
#include "routing/key_pool.h"
#include "routing/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace sluice::routing {
namespace {

std::string_view strategy_name(config::StrategyKind strategy) {
  constexpr std::array<std::string_view, 7> kNames{
      "fallback", "weighted", "round_robin", "least_latency", "least_busy", "cheapest", "learned"};
  return kNames[static_cast<std::size_t>(strategy)];
}

std::string_view sticky_name(const config::StickySettings& sticky) {
  switch (sticky.by) {
    case config::StickySettings::By::User:
      return "user";
    case config::StickySettings::By::Prompt:
      return "prompt";
    case config::StickySettings::By::Header:
      return "header";
  }
  return {};
}

std::string_view lack_name(const Lack& lack) {
  switch (lack.what) {
    case Lacks::Ability:
      return dialect::ability_word(lack.ability);
    case Lacks::Window:
      return "context window";
    default:
      return "operation";
  }
}

// Then it is not for a limit that they rest.
bool are_all_refused(const KeyPool& keys, Instant now) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys.state(i, now).condition != KeyCondition::Refused) return false;
  }
  return true;
}

// As many digits as anyone reads.
void write_figure(json::Writer& writer, std::string_view name, double figure) {
  writer.key(name).raw(fmt::format("{:.4g}", figure));
}

}  // namespace

ApiError Plan::nobody() {
  std::vector<Lack> lacks;
  std::optional<Instant> again;
  bool incapable_only = true;
  bool limited = false;
  bool full = false;
  for (const std::uint16_t place : scope_->places) {
    const Out out = out_[place];
    if (out == Out::Incapable) {
      lacks.push_back(lacks_[place]);
    } else if (out != Out::Condition) {
      incapable_only = false;
    }
    limited |= out == Out::Limits;
    full |= out == Out::Full;
    if (out == Out::Resting) {
      const auto opens = state_at(place)->breaker.opens_again_at();
      if (opens && (!again || *opens < *again)) again = *opens;
    }
    if (out == Out::Keys) {
      const KeyPool& keys = *destination_at(place).keys;
      const KeyWish wish{.lane = group_.lane(request_, *candidate_at(place))};
      limited |= !are_all_refused(keys, context_.clock.now());
      const Instant usable = keys.usable_again(wish, context_.clock.now());
      if (usable != kNever && (!again || usable < *again)) again = usable;
    }
  }
  if (!lacks.empty() && incapable_only) return nobody_can(request_, lacks);
  ApiError error{.kind = ErrorKind::UpstreamUnavailable,
                 .code = "no_healthy_target",
                 .message = "No provider can answer this request now."};
  if (limited) {
    error.code = "upstream_rate_limited";
    error.message = "Every provider that could answer is at its limit.";
  } else if (full) {
    error.code = "overloaded";
    error.message = "Every provider that could answer has as many requests as it may.";
  }
  if (scope_->places.size() == 1 && out_[scope_->places.front()] == Out::NoKey) {
    error.message = "The provider \"" + destination_at(scope_->places.front()).name +
                    "\" has no key: none of those configured has a value.";
  }
  if (again) {
    error.retry_after =
        std::max(std::chrono::milliseconds(1),
                 std::chrono::ceil<std::chrono::milliseconds>(*again - context_.clock.now()));
  }
  return error;
}

// ---- How one is chosen

struct Plan::Telling {
  json::Writer writer;
  std::size_t most;
  std::size_t told = 0;  // And not told, beyond them.
};

std::string Plan::label_of(std::uint16_t place) const {
  return destination_at(place).name + "/" + std::string(candidate_at(place)->model);
}

std::optional<std::uint16_t> Plan::would_pick(Random& dice) {
  Random* const usual = std::exchange(dice_, &dice);
  looks_only_ = true;
  const auto place = walk(*scope_);
  looks_only_ = false;
  dice_ = usual;
  return place;
}

std::string Plan::explain(std::size_t most_told) {
  std::string out;
  Telling telling{.writer = json::Writer(out), .most = most_told};
  json::Writer& writer = telling.writer;
  writer.begin_object();
  bool any = open_those(false, Reach::Waiting);
  if (!any && group_.settings().panic) {
    any = open_those(false, Reach::Resting);
    if (any) writer.member("panic", true);
  }
  // All dice come of one number, so that it says which they were.
  const std::uint64_t seed = ground_.random.next();
  base::FastRandom dice(seed);
  if (const auto place = any ? would_pick(dice) : std::nullopt) {
    writer.member("pick", label_of(*place));
    writer.member("dice", fmt::format("{:016x}", seed));
  }
  dice_ = context_.draft.make<base::FastRandom>(seed).release();
  tell_group(telling, *scope_);
  if (telling.told > most_told) writer.member("not_told", telling.told - most_told);
  writer.end_object();
  return out;
}

void Plan::tell_group(Telling& telling, Node& node) {
  json::Writer& writer = telling.writer;
  if (!node.name.empty()) {
    writer.member("group", node.name);
    writer.member("strategy", strategy_name(node.settings->strategy));
    if (node.settings->sticky) writer.member("sticky", sticky_name(*node.settings->sticky));
  }
  std::vector<Choice> choices;
  std::vector<const Member*> members;
  for (const Member& member : node.members) {
    const std::uint16_t place = member.group ? member.group->places.front() : member.place;
    if (!candidate_at(place)) continue;
    members.push_back(&member);
    choices.push_back(choice_of(node, member, place));
  }
  const bool learned = node.settings->strategy == config::StrategyKind::Learned;
  if (learned) {
    tell_learned(node, choices);
    if (const auto its = traffic_class(node); !its.empty()) writer.member("class", its);
  }
  writer.key("candidates").begin_array();
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Member& member = *members[i];
    if (!member.group && ++telling.told > telling.most) continue;
    writer.begin_object();
    if (!member.group) tell_target(telling, member.place);
    if (member.weight != 1) writer.member("weight", member.weight);
    if (learned) {
      write_figure(writer, "trials", choices[i].trials);
      write_figure(writer, "reward", choices[i].reward);
      write_figure(writer, "spread", choices[i].spread);
    }
    if (member.group) tell_group(telling, *member.group);
    writer.end_object();
  }
  writer.end_array();
}

void Plan::tell_target(Telling& telling, std::uint16_t place) {
  static constexpr double kMilliseconds = 1e3;
  static constexpr double kPicoDollars = 1e-12;
  json::Writer& writer = telling.writer;
  const TargetState& state = *state_at(place);
  const Instant now = context_.clock.now();
  writer.member("target", label_of(place));
  if (out_[place] != Out::No) writer.member("out", out_name(out_[place]));
  if (out_[place] == Out::Incapable) writer.member("lacks", lack_name(lacks_[place]));
  writer.member("busy", state.busy.load(std::memory_order_relaxed));
  writer.member("breaker", standing_name(state.breaker.standing(now)));
  if (const double share = state.breaker.share(now); share < 1)
    write_figure(writer, "share", share);
  if (const double first = state.latency.first_token(now); first >= 0) {
    write_figure(writer, "first_token_ms", first * kMilliseconds);
  }
  if (const double each = state.latency.per_token(now); each >= 0) {
    write_figure(writer, "per_token_ms", each * kMilliseconds);
  }
  if (const std::int64_t cost = expected_cost(place); cost >= 0) {
    write_figure(writer, "expected_usd", static_cast<double>(cost) * kPicoDollars);
  }
}

}  // namespace sluice::routing
