// What it costs to pick one of fifty. The whole router may take 2 µs for a request.
#include "base/random.h"
#include "config/model_settings.h"
#include "routing/learning.h"
#include "routing/strategies/dice.h"
#include "routing/strategies/rendezvous.h"
#include "routing/strategies/stable_hash.h"
#include "routing/strategies/strategy_of.h"
#include "support/fake_clock.h"
#include "unit/routing/planned_scene.h"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace sluice::routing {
namespace {

using config::StrategyKind;

constexpr std::size_t kTargets = 50;

std::string name(std::size_t place) {
  return "provider/model-" + std::to_string(place);
}

// All different, as fifty targets of a busy gateway are.
std::vector<Choice> choices() {
  base::FastRandom random(1);
  std::vector<Choice> all(kTargets);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].name = stable_hash(name(i));
    all[i].weight = 1.0 + i % 5;
    all[i].busy = static_cast<std::uint32_t>(random.next() % 8);
    all[i].first_token = 0.2 + unit(random.next());
    all[i].per_token = 0.005 + unit(random.next()) / 50;
    all[i].cost = static_cast<std::int64_t>(random.next() % 1'000'000);
    all[i].trials = 50 + static_cast<double>(random.next() % 1'000);
    all[i].reward = unit(random.next()) / 2;
    all[i].spread = 0.2;
  }
  return all;
}

void pick(benchmark::State& state, const Strategy& strategy, const std::vector<Choice>& all) {
  base::FastRandom dice(2);
  Wish wish{.affinity = 0};
  for (auto _ : state) {
    ++wish.turn;
    wish.affinity = mixed(wish.turn);
    benchmark::DoNotOptimize(strategy.pick(wish, all, dice));
  }
}

void strategy(benchmark::State& state, StrategyKind kind) {
  pick(state, strategy_of(kind), choices());
}
BENCHMARK_CAPTURE(strategy, fallback, StrategyKind::Fallback);
BENCHMARK_CAPTURE(strategy, weighted, StrategyKind::Weighted);
BENCHMARK_CAPTURE(strategy, round_robin, StrategyKind::RoundRobin);
BENCHMARK_CAPTURE(strategy, least_latency, StrategyKind::LeastLatency);
BENCHMARK_CAPTURE(strategy, least_busy, StrategyKind::LeastBusy);
BENCHMARK_CAPTURE(strategy, cheapest, StrategyKind::Cheapest);
BENCHMARK_CAPTURE(strategy, learned, StrategyKind::Learned);

void rendezvous(benchmark::State& state) {
  pick(state, Rendezvous(), choices());
}
BENCHMARK(rendezvous);

// While some of them recover, lots are drawn first.
void recovering(benchmark::State& state, StrategyKind kind) {
  auto all = choices();
  for (std::size_t i = 0; i < all.size(); i += 7) all[i].share = 0.3;
  pick(state, strategy_of(kind), all);
}
BENCHMARK_CAPTURE(recovering, least_latency, StrategyKind::LeastLatency);
BENCHMARK_CAPTURE(recovering, learned, StrategyKind::Learned);

class Learnt {
 public:
  Learnt() {
    base::FastRandom random(3);
    for (int i = 0; i < 20'000; ++i) {
      const Trial trial{.cost_pico = 1'000, .seconds = unit(random.next())};
      learning_.observe("group", "class", name(random.next() % kTargets), trial);
    }
  }
  Learning& operator*() { return learning_; }

 private:
  FakeClock clock_;
  Learning learning_{clock_};
};

void learning_tells(benchmark::State& state) {
  Learnt learnt;
  auto all = choices();
  for (auto _ : state) {
    (*learnt).tell("group", "class", {}, all);
    benchmark::DoNotOptimize(all.data());
  }
}
BENCHMARK(learning_tells);

void learning_observes(benchmark::State& state) {
  Learnt learnt;
  std::uint64_t number = 0;
  for (auto _ : state) {
    const std::string target = name(++number % kTargets);
    (*learnt).observe("group", "class", target, {.cost_pico = 1'000, .seconds = 0.5});
  }
}
BENCHMARK(learning_observes);

void learning_remembers(benchmark::State& state) {
  Learnt learnt;
  std::uint64_t number = 0;
  for (auto _ : state) {
    (*learnt).remember(std::to_string(++number), "group", "class", "provider/model-7");
  }
}
BENCHMARK(learning_remembers);

void hash_of_4_kib(benchmark::State& state) {
  const std::string prompt(4'096, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(stable_hash(prompt));
}
BENCHMARK(hash_of_4_kib);

// All that the router does for one request before its target is asked: facts, filters, conditions
// and the pick.
class FiftyTargets final : public PlannedScene {
 public:
  explicit FiftyTargets(const std::string& strategy, const std::string& condition = "") {
    std::string providers = "providers:\n";
    std::string targets;
    for (std::size_t i = 0; i < kTargets; ++i) {
      const std::string name = "p" + std::to_string(i);
      providers.append("  ").append(name).append(": { type: openai, keys: [sk-");
      providers.append(20, 'a').append(name).append("] }\n");
      targets.append("      - { model: ").append(name).append("/gpt-4o").append(condition);
      targets.append(" }\n");
    }
    configure(providers + "models:\n  m:\n    strategy: " + strategy + "\n    targets:\n" +
              targets);
    ask();
  }
  void TestBody() override {}

  // All have answered before, in any order.
  void learn() {
    base::FastRandom random(3);
    for (int i = 0; i < 5'000; ++i) {
      const std::string target = "p" + std::to_string(random.next() % kTargets) + "/gpt-4o";
      common_.learning.observe("m", "", target,
                               {.cost_pico = 1'000, .seconds = unit(random.next())});
    }
  }

  void route(benchmark::State& state) {
    for (auto _ : state) {
      asked_->draft.reset();
      Plan plan(*ground_, *group_, asked_->context, asked_->request);
      benchmark::DoNotOptimize(plan.next(false));
    }
  }
};

void whole_router(benchmark::State& state, const char* strategy, const char* condition) {
  FiftyTargets(strategy, condition).route(state);
}
BENCHMARK_CAPTURE(whole_router, fallback, "fallback", "");
BENCHMARK_CAPTURE(whole_router, weighted, "weighted", "");
BENCHMARK_CAPTURE(whole_router, least_latency, "least_latency", "");
BENCHMARK_CAPTURE(whole_router, least_busy, "least_busy", "");
BENCHMARK_CAPTURE(whole_router, cheapest, "cheapest", "");
BENCHMARK_CAPTURE(whole_router, learned, "learned", "");
BENCHMARK_CAPTURE(whole_router, weighted_and_conditions, "weighted",
                  ", if: 'request.input_tokens < 8000'");

void whole_router_that_has_learned(benchmark::State& state) {
  FiftyTargets targets("learned");
  targets.learn();
  targets.route(state);
}
BENCHMARK(whole_router_that_has_learned);

}  // namespace
}  // namespace sluice::routing

BENCHMARK_MAIN();
