// A made-up day of a group, in made-up time: requests come at random, targets answer one slower
// than the other and all slower the more they have to do. What strategies go by is measured by the
// classes that measure it in service.
#pragma once

#include "sluice/strategy.h"

#include "base/random.h"
#include "routing/latency.h"
#include "routing/strategies/dice.h"
#include "routing/strategies/stable_hash.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace sluice::routing {

class LatencyWorld {
 public:
  struct Target {
    double first_token;  // Seconds, while it has nothing else to do.
    double per_token;
    double crowd = 24;          // With so many at once everything takes twice as long.
    double slower_from = 1e9;   // From this second on
    double slower_until = 1e9;  // to this one
    double slower_by = 1;       // everything takes so much longer.
  };

  LatencyWorld(std::vector<Target> targets, double requests_per_second)
      : targets_(std::move(targets)), rate_(requests_per_second) {}

  // How many seconds each request took, in the order in which they came.
  std::vector<double> serve(const Strategy& strategy, std::size_t requests) {
    base::FastRandom world(11);
    base::FastRandom dice(12);
    std::deque<Latency> seen(targets_.size());
    std::vector<std::uint32_t> busy(targets_.size());
    std::vector<double> took;
    std::multimap<double, std::function<void()>> events;
    double now = 0;
    for (std::uint64_t turn = 0; turn < requests; ++turn) {
      now += -std::log(1 - unit(world.next())) / rate_;
      const double tokens = std::ceil(-std::log(1 - unit(world.next())) * kTokens);
      const double luck = 0.75 + 0.5 * unit(world.next());
      while (!events.empty() && events.begin()->first <= now) {
        events.begin()->second();
        events.erase(events.begin());
      }

      const Wish wish{.output_tokens = kTokens, .turn = turn, .affinity = std::nullopt};
      const std::size_t place = strategy.pick(wish, choices(seen, busy, now), dice);

      ++busy[place];
      const double slowness = luck * slowness_of(targets_[place], busy[place], now);
      const double first = targets_[place].first_token * slowness;
      const double rest = targets_[place].per_token * tokens * slowness;
      events.emplace(now + first, [&seen, place, first, at = now + first] {
        seen[place].first_token(span(first), instant(at));
      });
      events.emplace(
          now + first + rest, [&seen, &busy, place, tokens, rest, at = now + first + rest] {
            --busy[place];
            seen[place].finished(static_cast<std::uint64_t>(tokens), span(rest), instant(at));
          });
      took.push_back(first + rest);
    }
    return took;
  }

 private:
  static constexpr double kTokens = 200;

  static Duration span(double seconds) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  }
  static Instant instant(double second) { return Instant(std::chrono::hours(1)) + span(second); }

  static double slowness_of(const Target& target, std::uint32_t busy, double now) {
    const bool slower = now >= target.slower_from && now < target.slower_until;
    return (1 + busy / target.crowd) * (slower ? target.slower_by : 1);
  }

  static std::vector<Choice> choices(const std::deque<Latency>& seen,
                                     const std::vector<std::uint32_t>& busy, double now) {
    std::vector<Choice> all(seen.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].name = mixed(i + 1);
      all[i].busy = busy[i];
      all[i].first_token = seen[i].first_token(instant(now));
      all[i].per_token = seen[i].per_token(instant(now));
    }
    return all;
  }

  std::vector<Target> targets_;
  double rate_;
};

inline double quantile(std::vector<double> numbers, double q) {
  std::ranges::sort(numbers);
  const double at = q * static_cast<double>(numbers.size() - 1);
  return numbers[static_cast<std::size_t>(at)];
}

}  // namespace sluice::routing
