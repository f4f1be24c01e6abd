// How long it takes to read what routing needs to know from a chat request.
#include "base/json.h"

#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

namespace {

std::atomic<std::size_t> allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace sluice::json {
namespace {

constexpr std::string_view kHead =
    R"({"temperature":0.7,"top_p":1,"n":1,"presence_penalty":0,"frequency_penalty":0,)"
    R"("messages":[{"role":"system","content":"You are a careful assistant. Answer briefly."})";
constexpr std::string_view kTail =
    R"(],"model":"gpt-4o-mini","stream":true,"stream_options":{"include_usage":true},)"
    R"("max_tokens":1024,"user":"user-1234"})";

// Lines of words, with the escapes that they have as JSON.
std::string message(std::size_t size) {
  constexpr std::string_view kLine =
      R"(She said \"caf\u00e9\", and then \u2013 nothing; the naïve reader waits.\n)";
  std::string content;
  while (content.size() + kLine.size() <= size) content += kLine;
  content.append(size - content.size(), 'a');
  return R"(,{"role":"user","content":")" + content + R"("})";
}

std::string one_long_message(std::size_t size) {
  std::string text(kHead);
  const auto small = message(120);
  // One fifth of the body is small messages, the rest is one long one.
  while (text.size() < size / 5) text += small;
  const auto used = text.size() + message(0).size() + kTail.size();
  if (used < size) text += message(size - used);
  return text.append(kTail);
}

std::string many_messages(std::size_t size, std::size_t count) {
  std::string text(kHead);
  const auto each = message((size - kHead.size() - kTail.size()) / count - message(0).size());
  for (std::size_t i = 0; i < count; ++i) text += each;
  return text.append(kTail);
}

void read(benchmark::State& state, const std::string& text, const Limits& limits) {
  constexpr std::string_view kKeys[] = {"model", "stream", "stream_options", "max_tokens", "user"};
  Reader reader;
  Arena arena;
  std::size_t found = 0;
  const auto once = [&] {
    auto root = reader.parse(text, limits);
    auto fields = pick(*root, kKeys);
    const auto& [model, stream, options, max_tokens, user] = *fields;
    found += model->string(arena)->size() + static_cast<std::size_t>(*stream->boolean()) +
             static_cast<std::size_t>(*options->find("include_usage")->boolean()) +
             static_cast<std::size_t>(*max_tokens->integer()) + user->string(arena)->size();
  };
  once();

  const auto allocated_before = allocations.load();
  for (auto _ : state) once();
  benchmark::DoNotOptimize(found);

  const auto allocated = static_cast<double>(allocations.load() - allocated_before);
  state.counters["allocations"] = allocated / static_cast<double>(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

constexpr Limits kStrict{.strict_up_to = SIZE_MAX};

BENCHMARK_CAPTURE(read, 700B, many_messages(700, 3), Limits{});
BENCHMARK_CAPTURE(read, 10KB, one_long_message(10'000), Limits{});
BENCHMARK_CAPTURE(read, 100KB, one_long_message(100'000), Limits{});
BENCHMARK_CAPTURE(read, 1MB, one_long_message(1'000'000), Limits{});
BENCHMARK_CAPTURE(read, 1MB_strict, one_long_message(1'000'000), kStrict);
BENCHMARK_CAPTURE(read, 1MB_of_2000_messages, many_messages(1'000'000, 2'000), Limits{});
BENCHMARK_CAPTURE(read, 1MB_of_2000_messages_strict, many_messages(1'000'000, 2'000), kStrict);

}  // namespace
}  // namespace sluice::json

BENCHMARK_MAIN();
