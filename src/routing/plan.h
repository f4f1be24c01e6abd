// Which targets a request may be sent to, and which is next. Asks nobody and waits for nothing.
#pragma once

#include "sluice/context.h"

#include "routing/aftermath.h"
#include "routing/capability.h"
#include "routing/group.h"
#include "routing/request_facts.h"
#include "routing/router_ground.h"

#include <optional>
#include <span>
#include <string>

namespace sluice::routing {

// Why a target is not asked.
enum class Out : std::uint8_t {
  No,
  // For the whole request:
  Narrowed,   // A policy took it off the list.
  Condition,  // Its `if:` does not hold.
  Tags,       // It lacks one that is required.
  Incapable,  // It cannot do what is asked.
  NoKey,      // None is configured.
  Tried,      // It was asked and did not answer.
  Limits,     // It was granted no more for this minute.
  // For now:
  Resting,  // Its breaker is open.
  Keys,     // All of its provider's keys are resting.
  Queue,    // As many requests are under way as may be; one can wait for them.
  Full,     // So many are waiting, too.
  Budget,   // Too many second tries of it failed.
};
std::string_view out_name(Out out);

struct Pick {
  std::uint16_t place = 0;
  const Candidate* candidate = nullptr;
  std::shared_ptr<TargetState> state;
  Breaker::Claim claim;  // Refused where its breaker is open and nothing better was left.
  Granted granted;
  std::size_t lane = 0;      // Of its provider's keys.
  bool last_resort = false;  // It rests, or all of its keys do, and nothing better was left.
};

class Plan {
 public:
  // All of them outlive it. What is supposed takes the place of what the request says.
  Plan(RouterGround& ground, Group& group, Context& context, Request& request,
       const Supposed& supposed = {});

  // The next to ask; a second one where another failed before. Nothing: nobody is left.
  std::optional<Pick> next(bool second);
  // One to ask beside another that is slow: at another place, and well.
  std::optional<Pick> beside(const Pick& slow);
  // It was asked in vain.
  void tried(const Pick& pick) { out_[pick.place] = Out::Tried; }
  // From now on those may be asked again. False: there are none.
  bool forget_tries();
  bool has_another(bool second);  // next() would answer.
  // From now on those of this list are asked.
  void turn_to(Node& list);

  std::int64_t output_tokens() const { return facts_.output_tokens(); }
  ApiError nobody();  // Why next() answered nothing at once.
  // What is to be learned from a try of it; null: nothing. Lives as long as the context.
  const Lessons* lessons(std::uint16_t place);

  static constexpr std::size_t kFewTold = 24;  // So that the answer's head stays small.
  // One line of JSON: who would be asked first and with which dice, who else might be, and who is
  // not and why; of so many targets. The next pick is made with the same dice.
  std::string explain(std::size_t most_told = kFewTold);

 private:
  const Candidate* candidate_at(std::uint16_t place) const { return candidates_[place]; }
  const std::shared_ptr<TargetState>& state_at(std::uint16_t place) const;
  const Destination& destination_at(std::uint16_t place) const {
    return ground_.destinations[candidate_at(place)->provider];
  }
  const ModelFacts* facts_at(std::uint16_t place) const;
  std::uint64_t name_at(std::uint16_t place) const {
    const std::uint64_t name = group_.leaf(place).name;
    return name != 0 ? name : name_filled_in(place);
  }
  std::uint64_t name_filled_in(std::uint16_t place) const;

  void filter(Node& node);
  bool is_met(const config::Expression& condition);
  void bar(std::span<const std::uint16_t> places, Out why);
  bool carries(std::uint16_t place, std::span<const config::Tag> tags) const;
  Out lasting(std::uint16_t place);
  Out momentary(std::uint16_t place, bool second) const;
  // Those that could begin at once; those one would wait for, too; and those that rest.
  enum class Reach : std::uint8_t { AtOnce, Waiting, Resting };
  bool open_those(bool second, Reach reach);
  std::optional<Pick> choose();
  std::optional<std::uint16_t> walk(Node& node);
  std::optional<std::uint16_t> first_open(const Member& member) const;
  Wish wish_of(Node& node);
  Choice choice_of(const Node& node, const Member& member, std::uint16_t place);
  const Price* price_at(std::uint16_t place);
  const Price* find_price(std::uint16_t place);
  bool is_prompt_known();
  std::int64_t expected_cost(std::uint16_t place);
  std::optional<std::uint64_t> prompt();
  std::string_view traffic_class(const Node& node);
  void tell_learned(const Node& node, std::span<Choice> choices);
  bool take_allowance(Pick& pick);

  RouterGround& ground_;
  Group& group_;
  Context& context_;
  Request& request_;
  RequestFacts facts_;
  Node* scope_;
  std::span<const Candidate*> candidates_;  // By place.
  std::span<Out> out_;
  std::span<bool> open_;   // May be picked now.
  std::span<Lack> lacks_;  // Of those that are Incapable; empty: nobody is.
  // Of this choice: when it is made, and whether someone may have read the prompt lately.
  Instant now_{};
  std::optional<bool> prompt_is_known_;
  // What was found out last: targets of a group are much alike.
  const config::Expression* last_condition_ = nullptr;
  const ProviderKind* last_kind_ = nullptr;
  const ModelFacts* last_model_ = nullptr;
  std::optional<Lack> last_lack_;
  std::optional<std::optional<std::uint64_t>> prompt_;
  const Price* last_price_ = nullptr;
  std::int64_t last_cost_ = 0;
  bool last_holds_ = false;
  Random* dice_;
  bool looks_only_ = false;  // Nobody is asked: turns do not count.

  // What it tells of itself.
  struct Telling;
  std::optional<std::uint16_t> would_pick(Random& dice);
  std::string label_of(std::uint16_t place) const;
  void tell_group(Telling& telling, Node& node);
  void tell_target(Telling& telling, std::uint16_t place);
};

}  // namespace sluice::routing
