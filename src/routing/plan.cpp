#include "routing/plan.h"

#include "config/snapshot.h"
#include "ledger/prices.h"
#include "routing/attempts.h"
#include "routing/key_pool.h"
#include "routing/learning.h"
#include "routing/prompt_memory.h"
#include "routing/strategies/stable_hash.h"

#include <algorithm>
#include <array>
#include <new>

namespace sluice::routing {
namespace {

constexpr Duration kPriceHolds = std::chrono::minutes(1);

bool is_for_now(Out out) {
  return out >= Out::Resting;
}

template <class T>
std::span<T> filled(Arena& arena, std::size_t size, const T& value) {
  const std::span<T> all = arena.array<T>(size);
  std::ranges::uninitialized_fill(all, value);
  return all;
}

}  // namespace

std::string_view out_name(Out out) {
  constexpr std::array<std::string_view, 13> kNames{
      "",       "policy",  "condition", "tags",  "incapable", "no_key",      "tried",
      "limits", "resting", "keys",      "queue", "full",      "retry_budget"};
  return kNames[static_cast<std::size_t>(out)];
}

Plan::Plan(RouterGround& ground, Group& group, Context& context, Request& request,
           const Supposed& supposed)
    : ground_(ground),
      group_(group),
      context_(context),
      request_(request),
      facts_(context, request, supposed),
      scope_(&group.root()),
      dice_(&ground.random) {
  const std::size_t size = std::max<std::size_t>(group.size(), 1);
  candidates_ = filled<const Candidate*>(context.draft, size, nullptr);
  out_ = filled(context.draft, size, Out::Narrowed);
  open_ = filled(context.draft, size, false);
  for (const Candidate& candidate : request.candidates) {
    candidates_[candidate.place] = &candidate;
    out_[candidate.place] = Out::No;
  }
  const Member& first = scope_->members.front();
  if (scope_->members.size() == 1 && !first.group && !first.when &&
      scope_->settings->require.empty()) {
    // There is nothing to choose: whatever it cannot do, its provider says better.
    Out& out = out_[first.place];
    if (out == Out::No && destination_at(first.place).has_no_key) out = Out::NoKey;
    return;
  }
  filter(*scope_);
}

const std::shared_ptr<TargetState>& Plan::state_at(std::uint16_t place) const {
  const auto& state = group_.leaf(place).state;
  return state ? state : destination_at(place).state;
}

const ModelFacts* Plan::facts_at(std::uint16_t place) const {
  const Leaf& leaf = group_.leaf(place);
  return leaf.name != 0 ? leaf.facts : ground_.snapshot.models().facts(*candidate_at(place));
}

std::uint64_t Plan::name_filled_in(std::uint16_t place) const {
  return stable_hash(
      context_.draft.join(destination_at(place).name, "/", candidate_at(place)->model));
}

// ---- What holds for the whole request

void Plan::filter(Node& node) {
  for (Member& member : node.members) {
    const std::span<const std::uint16_t> places =
        member.group ? std::span<const std::uint16_t>(member.group->places)
                     : std::span<const std::uint16_t>(&member.place, 1);
    if (member.when && !is_met(*member.when)) {
      bar(places, Out::Condition);
    } else if (member.group) {
      filter(*member.group);
    } else if (out_[member.place] == Out::No) {
      out_[member.place] = lasting(member.place);
    }
    if (node.settings->require.empty()) continue;
    for (const std::uint16_t place : places) {
      if (out_[place] == Out::No && !carries(place, node.settings->require)) {
        out_[place] = Out::Tags;
      }
    }
  }
}

// Many targets of a group have the same condition.
bool Plan::is_met(const config::Expression& condition) {
  if (!last_condition_ || !(*last_condition_ == condition)) {
    last_condition_ = &condition;
    last_holds_ = condition.holds(facts_);
  }
  return last_holds_;
}

void Plan::bar(std::span<const std::uint16_t> places, Out why) {
  for (const std::uint16_t place : places) {
    if (out_[place] == Out::No) out_[place] = why;
  }
}

bool Plan::carries(std::uint16_t place, std::span<const config::Tag> tags) const {
  if (tags.empty()) return true;
  const auto& theirs = ground_.snapshot.config().providers[candidate_at(place)->provider].tags;
  return std::ranges::all_of(tags, [&](const config::Tag& wanted) {
    return std::ranges::any_of(theirs, [&](const config::Tag& tag) {
      return tag.name == wanted.name && tag.value == wanted.value;
    });
  });
}

Out Plan::lasting(std::uint16_t place) {
  const Destination& destination = destination_at(place);
  if (destination.has_no_key) return Out::NoKey;
  const ModelFacts* const model = facts_at(place);
  if (!last_lack_ || last_model_ != model || last_kind_ != destination.kind) {
    last_kind_ = destination.kind;
    last_model_ = model;
    last_lack_ = lack_of(facts_, destination.kind, model, candidate_at(place)->model);
  }
  if (!*last_lack_) return Out::No;
  if (lacks_.empty()) lacks_ = filled(context_.draft, out_.size(), Lack());
  lacks_[place] = *last_lack_;
  return Out::Incapable;
}

// ---- What holds for now

Out Plan::momentary(std::uint16_t place, bool second) const {
  const TargetState& state = *state_at(place);
  if (second && !state.retries.allows(now_)) return Out::Budget;
  if (state.breaker.standing(now_) == Standing::Open) return Out::Resting;
  const Destination& destination = destination_at(place);
  Bulkhead* const providers = destination.bulkhead.get();
  if (!state.bulkhead.has_place() || (providers && !providers->has_place())) return Out::Full;
  const KeyWish wish{.lane = group_.lane(request_, *candidate_at(place)), .patience = kLongestTurn};
  if (!destination.keys->has_usable(wish, now_)) return Out::Keys;
  const bool room = state.bulkhead.has_room() && (!providers || providers->has_room());
  return room ? Out::No : Out::Queue;
}

bool Plan::open_those(bool second, Reach reach) {
  now_ = context_.clock.now();
  prompt_is_known_.reset();
  bool any = false;
  for (const std::uint16_t place : scope_->places) {
    Out out = out_[place];
    if (out == Out::No || is_for_now(out)) {
      out = momentary(place, second);
      out_[place] = out;
    }
    open_[place] = out == Out::No || (out == Out::Queue && reach >= Reach::Waiting) ||
                   ((out == Out::Resting || out == Out::Keys) && reach == Reach::Resting);
    any |= open_[place];
  }
  return any;
}

std::optional<Pick> Plan::next(bool second) {
  for (const Reach reach : {Reach::AtOnce, Reach::Waiting, Reach::Resting}) {
    if (reach == Reach::Resting && !group_.settings().panic) break;
    if (!open_those(second, reach)) continue;
    if (auto pick = choose()) return pick;
  }
  return std::nullopt;
}

bool Plan::has_another(bool second) {
  return open_those(second, group_.settings().panic ? Reach::Resting : Reach::Waiting);
}

std::optional<Pick> Plan::choose() {
  while (const auto place = walk(*scope_)) {
    // Its holder is the group, which the request's epoch keeps: to count it again costs.
    Pick pick{.place = *place,
              .candidate = candidate_at(*place),
              .state = {std::shared_ptr<void>(), state_at(*place).get()},
              .claim = {},
              .granted = {},
              .lane = group_.lane(request_, *candidate_at(*place))};
    pick.claim = pick.state->breaker.claim(now_);
    pick.last_resort = out_[*place] == Out::Resting || out_[*place] == Out::Keys;
    if (!pick.claim && !pick.last_resort) {
      // Another request is finding out whether it is well again.
      out_[*place] = Out::Resting;
    } else if (!take_allowance(pick)) {
      if (pick.claim) pick.state->breaker.neutral(pick.claim);
      out_[*place] = Out::Limits;
    } else {
      return pick;
    }
    open_[*place] = false;
  }
  return std::nullopt;
}

bool Plan::take_allowance(Pick& pick) {
  Granted granted{.own = group_.leaf(pick.place).allowance.get(),
                  .providers = destination_at(pick.place).allowance.get()};
  if (!granted.own && !granted.providers) return true;
  granted.tokens = static_cast<std::uint64_t>(facts_.input_tokens() + facts_.output_tokens());
  if (granted.own && granted.own->take(1, granted.tokens, now_)) return false;
  if (granted.providers && granted.providers->take(1, granted.tokens, now_)) {
    if (granted.own) granted.own->give_back(1, granted.tokens);
    return false;
  }
  pick.granted = granted;
  return true;
}

std::optional<Pick> Plan::beside(const Pick& slow) {
  open_those(true, Reach::AtOnce);
  const auto& providers = ground_.snapshot.config().providers;
  const auto home = [&](const Candidate& candidate) -> const std::string& {
    return providers[candidate.provider].base_url.host;
  };
  for (const std::uint16_t place : scope_->places) {
    const Candidate* other = candidate_at(place);
    const bool same_domain =
        other && (other->provider == slow.candidate->provider ||
                  (!home(*other).empty() && home(*other) == home(*slow.candidate)));
    if (!other || place == slow.place || same_domain) open_[place] = false;
  }
  return choose();
}

bool Plan::forget_tries() {
  const Instant now = context_.clock.now();
  const Instant latest = now + group_.settings().retry.max_backoff;
  bool any = false;
  for (const std::uint16_t place : scope_->places) {
    if (out_[place] != Out::Tried && out_[place] != Out::Limits) continue;
    // Who refused all of its keys would do so again.
    const KeyWish wish{.lane = group_.lane(request_, *candidate_at(place))};
    if (destination_at(place).keys->usable_again(wish, now) > latest) continue;
    out_[place] = Out::No;
    any = true;
  }
  return any;
}

void Plan::turn_to(Node& list) {
  scope_ = &list;
  filter(list);
  for (const std::uint16_t place : list.places) {
    if (out_[place] == Out::No && !carries(place, group_.settings().require)) {
      out_[place] = Out::Tags;
    }
  }
}

// ---- Who of them

std::optional<std::uint16_t> Plan::first_open(const Member& member) const {
  if (!member.group) return open_[member.place] ? std::optional(member.place) : std::nullopt;
  for (const std::uint16_t place : member.group->places) {
    if (open_[place]) return place;
  }
  return std::nullopt;
}

std::optional<std::uint16_t> Plan::walk(Node& node) {
  if (node.members.size() == 1) {
    const Member& only = node.members.front();
    const auto place = first_open(only);
    return place && only.group ? walk(*only.group) : place;
  }
  const bool in_order =
      node.settings->strategy == config::StrategyKind::Fallback && !node.settings->sticky;
  const std::span<Choice> room = context_.draft.array<Choice>(node.members.size());
  const auto members = context_.draft.array<const Member*>(node.members.size());
  std::size_t count = 0;
  for (const Member& member : node.members) {
    const auto place = first_open(member);
    if (!place) continue;
    members[count] = &member;
    ::new (&room[count++]) Choice(choice_of(node, member, *place));  // Made where it stays.
    // Of those in order only the first counts, and who stands in for it while it recovers.
    if (in_order && room[count - 1].share >= 1) break;
  }
  if (count == 0) return std::nullopt;
  const std::span<Choice> choices = room.first(count);
  if (node.settings->strategy == config::StrategyKind::Learned) tell_learned(node, choices);
  const Wish wish = wish_of(node);
  const Member& picked = *members[count == 1 ? 0 : node.strategy->pick(wish, choices, *dice_)];
  return picked.group ? walk(*picked.group) : picked.place;
}

Wish Plan::wish_of(Node& node) {
  Wish wish{.output_tokens = static_cast<double>(facts_.output_tokens()),
            .turn = looks_only_ ? node.turn : node.turn++,
            .affinity = std::nullopt};
  if (node.settings->sticky) wish.affinity = facts_.affinity(*node.settings->sticky);
  return wish;
}

Choice Plan::choice_of(const Node& node, const Member& member, std::uint16_t place) {
  const TargetState& state = *state_at(place);
  Choice choice{.name = member.group ? stable_hash(member.group->name) : name_at(place),
                .weight = member.weight,
                .share = state.breaker.share(now_),
                .busy = state.busy.load(std::memory_order_relaxed)};
  switch (node.settings->strategy) {
    case config::StrategyKind::LeastLatency:
      choice.first_token = state.latency.first_token(now_);
      choice.per_token = state.latency.per_token(now_);
      break;
    case config::StrategyKind::Cheapest:
      choice.cost = expected_cost(place);
      break;
    default:
      break;
  }
  return choice;
}

const Price* Plan::price_at(std::uint16_t place) {
  const Leaf& leaf = group_.leaf(place);
  const bool was_found = leaf.name != 0 && leaf.priced_at != Instant();
  return was_found && now_ - leaf.priced_at <= kPriceHolds ? leaf.price : find_price(place);
}

const Price* Plan::find_price(std::uint16_t place) {
  Leaf& leaf = group_.leaf(place);
  const Candidate& candidate = *candidate_at(place);
  const auto today = std::chrono::floor<std::chrono::seconds>(context_.clock.wall());
  leaf.price = ground_.snapshot.prices().find(
      ground_.snapshot.config().providers[candidate.provider].type, candidate.model, today);
  leaf.priced_at = now_;
  return leaf.price;
}

bool Plan::is_prompt_known() {
  const std::optional<std::uint64_t> its = prompt();
  return its && ground_.common.prompts.knows(*its, now_);
}

std::int64_t Plan::expected_cost(std::uint16_t place) {
  const Price* const price = price_at(place);
  if (!price) return Choice::kNoPrice;
  if (!prompt_is_known_) prompt_is_known_ = is_prompt_known();
  const double part =
      *prompt_is_known_ ? ground_.common.prompts.expected(*prompt(), name_at(place), now_) : 0;
  if (part <= 0 && price == last_price_) return last_cost_;
  Usage usage{.input = facts_.input_tokens(), .output = facts_.output_tokens()};
  usage.cached = static_cast<std::int64_t>(part * static_cast<double>(usage.input));
  const std::int64_t cost = ledger::cost_of(*price, usage).pico_dollars;
  if (part <= 0) {
    last_price_ = price;
    last_cost_ = cost;
  }
  return cost;
}

}  // namespace sluice::routing
