// What a condition costs each request, and each load of the configuration.
#include "config/expression.h"

#include <benchmark/benchmark.h>

#include <array>
#include <string_view>
#include <vector>

namespace sluice::config {
namespace {

// As if all had been found out already.
class Inputs final : public ExpressionInputs {
 public:
  Value value(Name name) noexcept override { return values_[static_cast<std::size_t>(name)]; }
  std::optional<std::string_view> tag(std::string_view name) noexcept override {
    if (name == "tier") return "gold";
    return std::nullopt;
  }
  std::optional<std::string_view> header(std::string_view) noexcept override {
    return std::nullopt;
  }

 private:
  static std::array<Value, kNames> some_values() {
    std::array<Value, kNames> values;
    for (std::size_t at = 0; at < kNames; ++at) {
      switch (name_type(static_cast<Name>(at))) {
        case ValueType::Bool:
          values[at] = true;
          break;
        case ValueType::Number:
          values[at] = 12.0;
          break;
        case ValueType::Text:
          values[at] = std::string_view("claude-sonnet-4-5");
          break;
      }
    }
    return values;
  }

  std::array<Value, kNames> values_ = some_values();
};

constexpr std::string_view kTokens = "request.input_tokens < 8000";
constexpr std::string_view kTypical =
    "request.input_tokens < 8k && request.needs.tools && request.model matches 'claude-*' && "
    "request.tags.tier in ['silver', 'gold'] && !(time.hour >= 22 || time.hour < 6)";

void evaluate(benchmark::State& state, std::string_view text, std::size_t targets) {
  const std::vector all(targets, *Expression::parse(text, ValueType::Bool));
  Inputs inputs;
  for (auto _ : state) {
    for (const Expression& each : all) benchmark::DoNotOptimize(each.holds(inputs));
  }
}

void parse(benchmark::State& state, std::string_view text) {
  for (auto _ : state) {
    auto expression = Expression::parse(text, ValueType::Bool);
    benchmark::DoNotOptimize(expression);
  }
}

BENCHMARK_CAPTURE(evaluate, one_comparison, kTokens, 1);
BENCHMARK_CAPTURE(evaluate, typical, kTypical, 1);
BENCHMARK_CAPTURE(evaluate, typical_of_50_targets, kTypical, 50);
BENCHMARK_CAPTURE(parse, typical, kTypical);

}  // namespace
}  // namespace sluice::config

BENCHMARK_MAIN();
