// Two targets beside each other: the second is asked when the first is slower than usual, and the
// one that answers first is the one.
#include "routing/pursuit.h"
#include "routing/race.h"

#include <algorithm>

namespace sluice::routing {
namespace {

constexpr std::size_t kFirst = 0;
constexpr std::size_t kSecond = 1;
constexpr std::size_t kAlarm = 2;

// A task of the race that only takes its time.
Task<Result<Reply>> wait_until(Clock& clock, Instant at) {
  co_await clock.sleep_until(at);
  co_return Reply();
}

}  // namespace

std::optional<Duration> Pursuit::hedge_after(const Pick& pick) const {
  const auto& hedge = group_.settings().hedge;
  if (!hedge || prefilled_ || !request_.traits().repeatable || !group_.may_hedge()) {
    return std::nullopt;
  }
  std::optional<Duration> after;
  if (const auto* fixed = std::get_if<config::Milliseconds>(&hedge->after)) {
    after = *fixed;
  } else {
    after = pick.state->latency.quantile(std::get<double>(hedge->after));
    if (after && !request_.stream) *after += time_of_words(pick);
  }
  if (after && context_.clock.now() + *after >= context_.deadline) return std::nullopt;
  return after;
}

// A whole answer comes when all of it was thought, not with its first word.
Duration Pursuit::time_of_words(const Pick& pick) const {
  const double each = pick.state->latency.per_token(context_.clock.now());
  if (each <= 0) return {};
  const auto words = static_cast<double>(plan_.output_tokens());
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(each * words));
}

Task<Result<Reply>> Pursuit::ask_two(Pick slow, Duration after) {
  std::optional<Pick> second;
  Race<Result<Reply>, 3> race;
  race.enter(kFirst, ask_one(slow, false));
  race.enter(kAlarm, wait_until(context_.clock, context_.clock.now() + after));
  for (;;) {
    const std::size_t place = co_await race.one();
    if (place == kAlarm) {
      race.drop(kAlarm);
      if (!context_.abandoned) second = plan_.beside(slow);
      if (!second) continue;
      group_.count_hedge();
      ++tries_;
      race.enter(kSecond, ask_one(*second, true));
      continue;
    }
    auto reply = race.take(place);
    const std::size_t other = place == kFirst ? kSecond : kFirst;
    current_ = place == kFirst ? slow : *second;
    if (reply || !race.running(other)) {
      race.drop(other);
      if (second) count_hedge(reply && place == kSecond);
      end_losers();
      co_return reply;
    }
    plan_.tried(*current_);
    if (!may_go_on(*reply.error(), Next::Asked)) {
      race.drop(other);
      if (second) count_hedge(false);
      end_losers();
      co_return reply;
    }
  }
}

void Pursuit::count_hedge(bool won) const {
  Tally& tally = ground_.common.tally;
  (won ? tally.hedges_won : tally.hedges_lost).fetch_add(1, std::memory_order_relaxed);
}

// Their calls were dropped: what they would have answered nobody knows.
void Pursuit::end_losers() const {
  const Instant now = context_.clock.now();
  for (Attempt* one = context_.account.first(); one; one = one->next) {
    const bool lost = one->outcome == Outcome::Unfinished && one->ended == Instant() &&
                      one != context_.account.teller();
    if (lost) one->ended = now;
  }
}

}  // namespace sluice::routing
