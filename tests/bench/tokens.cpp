// What counting tokens costs per byte, and what its tables cost to make.
#include "ledger/tokens.h"

#include "ledger/bpe_vocabulary.h"
#include "ledger/tokens_splitter.h"

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

namespace sluice::ledger {
namespace {

constexpr std::size_t kSize = 256 * 1024;

std::string repeated(std::string_view text) {
  std::string all;
  while (all.size() < kSize) all += text;
  return all;
}

// Of different words, as no text is one sentence again and again.
std::string prose() {
  constexpr std::string_view kParts[] = {"the ",  "of ",   "account", "ing ", "river",   "un",
                                         "break", "able ", "s, ",     "was ", "Quarter", "ly ",
                                         "in ",   "18",    ". It's ", "to ",  "compare", "d "};
  std::string all;
  for (std::uint32_t state = 1; all.size() < kSize;) {
    state = state * 1664525U + 1013904223U;
    all += kParts[(state >> 8U) % std::size(kParts)];
  }
  return all;
}

const std::string& text_of(int kind) {
  static const std::string kTexts[] = {
      prose(),
      repeated("  for (std::size_t i = 0; i < rows.size(); ++i) {\n    total += rows[i].price;\n"),
      repeated("人工智能正在改变世界，敏捷的棕色狐狸跳过了懒狗。"),
      repeated("a"),
      repeated("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"),
  };
  return kTexts[kind];
}

constexpr const char* kNames[] = {"prose", "code", "chinese", "one letter", "base64"};

void count(benchmark::State& state) {
  const auto encoding = static_cast<Encoding>(state.range(0));
  const auto& text = text_of(static_cast<int>(state.range(1)));
  prepare_tokens(encoding);
  for (auto _ : state) benchmark::DoNotOptimize(count_tokens(encoding, text));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
  state.SetLabel(kNames[state.range(1)]);
}
BENCHMARK(count)->ArgsProduct({{0, 1}, {0, 1, 2, 3, 4}});

void split(benchmark::State& state) {
  const auto& text = text_of(static_cast<int>(state.range(1)));
  for (auto _ : state) {
    TextSplitter splitter(static_cast<Encoding>(state.range(0)), text);
    for (auto piece = splitter.next(); !piece.empty(); piece = splitter.next()) {
      benchmark::DoNotOptimize(piece);
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
  state.SetLabel(kNames[state.range(1)]);
}
BENCHMARK(split)->ArgsProduct({{0, 1}, {0, 1, 2}});

void make_tables(benchmark::State& state) {
  const auto encoding = static_cast<Encoding>(state.range(0));
  for (auto _ : state) {
    const Vocabulary vocabulary(inflate_ranks(encoding), ranks_size(encoding));
    benchmark::DoNotOptimize(vocabulary.size());
  }
}
BENCHMARK(make_tables)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sluice::ledger

BENCHMARK_MAIN();
