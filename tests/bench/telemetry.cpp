// What a request costs in counting and logging, and a scrape in adding up.
#include "base/log.h"
#include "telemetry/access_ring.h"
#include "telemetry/exposition.h"

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <string>

namespace sluice::telemetry {
namespace {

using metrics::MetricsRegistry;
using metrics::NameKind;

// Durations and token counts that differ from request to request, as real ones do.
std::array<metrics::RequestRecord, 256> records(MetricsRegistry& registry, int models) {
  auto& names = registry.names();
  std::array<metrics::RequestRecord, 256> made;
  std::uint32_t chance = 12345;
  const auto below = [&](std::uint32_t limit) {
    chance = chance * 1'664'525 + 1'013'904'223;
    return static_cast<std::int64_t>((chance >> 8) % limit);
  };
  for (auto& record : made) {
    const auto model = "model-" + std::to_string(below(static_cast<std::uint32_t>(models)));
    record = {.surface = names.id(NameKind::Surface, "openai"),
              .operation = names.id(NameKind::Operation, "chat"),
              .model = names.id(NameKind::Model, model),
              .provider = names.id(NameKind::Provider, "openai"),
              .gen_ai_provider = names.id(NameKind::GenAiProvider, "openai"),
              .status = static_cast<std::uint16_t>(below(20) == 0 ? 429 : 200),
              .streaming = true,
              .duration_ns = 1'000'000'000 + below(1U << 31),
              .overhead_ns = 20'000 + below(80'000),
              .first_token_ns = below(900'000'000),
              .tokens = {1 + below(20'000), 2 + below(2'000), below(100), 0, below(500)}};
  }
  return made;
}

void record_request(benchmark::State& state) {
  MetricsRegistry registry;
  auto& thread = registry.add_thread();
  const auto all = records(registry, static_cast<int>(state.range(0)));
  std::size_t next = 0;
  for (auto _ : state) thread.record_request(all[next++ % all.size()]);
}
BENCHMARK(record_request)->Arg(1)->Arg(100);

void cell_with_labels(benchmark::State& state) {
  MetricsRegistry registry;
  auto& thread = registry.add_thread();
  for (auto _ : state) thread.cell(metrics::Family::UpstreamAttempts, 2, 3).add();
}
BENCHMARK(cell_with_labels);

void known_name(benchmark::State& state) {
  MetricsRegistry registry;
  for (auto _ : state) {
    benchmark::DoNotOptimize(registry.names().id(NameKind::Model, "gpt-4o-mini-2024-07-18"));
  }
}
BENCHMARK(known_name);

constexpr AccessAttempt kAttempt{.provider = "openai",
                                 .model = "gpt-4o-mini-2024-07-18",
                                 .outcome = "answered",
                                 .status = 200,
                                 .microseconds = 412'345};

AccessRecord access_record() {
  AccessRecord record;
  record.time = std::chrono::system_clock::now();
  record.id = "req_01hzyj3f7q8v9k2m4n6p8r0s";
  record.trace_id = "0af7651916cd43dd8448eb211c80319c";
  record.surface = "openai";
  record.operation = "chat";
  record.method = "POST";
  record.path = "/v1/chat/completions";
  record.asked = "assistant";
  record.model = kAttempt.model;
  record.provider = kAttempt.provider;
  record.key = "key_7f3a";
  record.user = "ann@example.com";
  record.client = "10.1.2.3:51234";
  record.attempts = {&kAttempt, 1};
  record.input_tokens = 1'234;
  record.output_tokens = 321;
  record.cached_tokens = 0;
  record.bytes_in = 700;
  record.bytes_out = 1'270;
  record.total_us = 413'210;
  record.gateway_us = 48;
  record.connect_us = 0;
  record.first_token_us = 201'003;
  record.status = 200;
  record.accounting = Accounting::Exact;
  record.stream = true;
  return record;
}

// The worker's side: through the whole ring, emptied off the clock.
void access_push(benchmark::State& state) {
  metrics::Cell dropped;
  AccessRing ring(std::size_t{1} << 20, dropped);
  const auto record = access_record();
  for (auto _ : state) {
    ring.push(record);
    if (ring.fill() < ring.capacity() - 8'192) continue;
    state.PauseTiming();
    while (ring.fill() > 0) ring.taken(ring.lines().size());
    state.ResumeTiming();
  }
  if (dropped.value() > 0) state.SkipWithError("the ring was full");
}
BENCHMARK(access_push);

// Both sides: what a line costs the process, but for the write itself.
void access_push_and_take(benchmark::State& state) {
  metrics::Cell dropped;
  AccessRing ring(std::size_t{1} << 20, dropped);
  const auto format = state.range(0) == 0 ? log::Format::Json : log::Format::Text;
  if (!log::configure({.format = format})) return state.SkipWithError("no log");
  const auto record = access_record();
  for (auto _ : state) {
    ring.push(record);
    const auto line = ring.lines();
    ring.taken(line.size());
    state.counters["line_bytes"] = static_cast<double>(line.size());
  }
}
BENCHMARK(access_push_and_take)->ArgName("text")->Arg(0)->Arg(1);

void scrape(benchmark::State& state) {
  MetricsRegistry registry;
  const auto all = records(registry, static_cast<int>(state.range(0)));
  for (int worker = 0; worker < 2; ++worker) {
    auto& thread = registry.add_thread();
    for (const auto& record : all) thread.record_request(record);
  }
  const BuildInfo build{.version = "bench", .revision = {}};
  for (auto _ : state) {
    const auto text = metrics_text(registry, build);
    state.counters["page_bytes"] = static_cast<double>(text.size());
  }
}
BENCHMARK(scrape)->Arg(1)->Arg(100)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace sluice::telemetry

BENCHMARK_MAIN();
