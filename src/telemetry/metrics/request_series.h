// What is known of one finished request, and the counts of all requests that share its labels.
#pragma once

#include "telemetry/metrics/cell.h"
#include "telemetry/metrics/names.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::metrics {

enum class TokenKind : std::uint8_t { Input, Output, Cached, CacheWrite, Reasoning };
inline constexpr std::array<std::string_view, 5> kTokenKinds = {"input", "output", "cached",
                                                                "cache_write", "reasoning"};

struct RequestRecord {
  static constexpr std::int64_t kUnknown = -1;

  Id surface = kNone;          // NameKind::Surface: openai, anthropic, …
  Id operation = kNone;        // NameKind::Operation, in OpenTelemetry's words: chat, embeddings, …
  Id model = kNone;            // NameKind::Model
  Id provider = kNone;         // NameKind::Provider: its name in the configuration
  Id gen_ai_provider = kNone;  // NameKind::GenAiProvider, in OpenTelemetry's words: aws.bedrock, …
  Id key = kNone;              // NameKind::Key; only where requests are counted by key.
  std::uint16_t status = 0;
  bool streaming = false;
  std::int64_t duration_ns = 0;
  std::int64_t overhead_ns = kUnknown;
  std::int64_t first_token_ns = kUnknown;
  std::array<std::int64_t, kTokenKinds.size()> tokens{};  // By TokenKind.
};

// The labels of a series in one word: kIdBits for each.
using SeriesKey = std::uint64_t;

constexpr SeriesKey series_key(const RequestRecord& record) {
  SeriesKey key = record.surface;
  for (const Id id : {record.operation, record.model, record.provider, record.gen_ai_provider}) {
    key = key << kIdBits | id;
  }
  return key;
}

// The ids in the order of series_key: surface, operation, model, provider, gen_ai_provider.
constexpr std::array<Id, 5> ids_of(SeriesKey key) {
  std::array<Id, 5> ids{};
  for (std::size_t i = ids.size(); i-- > 0; key >>= kIdBits) {
    ids[i] = static_cast<Id>(key & ((1U << kIdBits) - 1));
  }
  return ids;
}

// All families that are counted per request, so that a request finds one series and not nine.
// Aligned so that no other thread's counters share its cache lines.
struct alignas(64) RequestSeries {
  explicit RequestSeries(SeriesKey labels) : key(labels) {}

  const SeriesKey key;
  RequestSeries* next = nullptr;  // Set before the series is published.
  CodeCounts codes;
  std::array<Cell, kTokenKinds.size()> tokens;
  Histogram<kDurationBounds> duration;
  Histogram<kFirstTokenBounds> first_token;
  Histogram<kPerTokenBounds> per_token;
  Histogram<kTokenUsageBounds> input_usage;
  Histogram<kTokenUsageBounds> output_usage;
};

}  // namespace sluice::metrics
