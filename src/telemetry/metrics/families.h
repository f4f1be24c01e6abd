// Every metric family that we expose: a row here, and its counts. A new counter or gauge needs its
// row and a call of ThreadMetrics::cell; the exposition finds the rest here.
#pragma once

#include "telemetry/metrics/names.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::metrics {

enum class Family : std::uint8_t {
  Requests,
  RequestDuration,
  Overhead,
  TimeToFirstToken,
  TimePerOutputToken,
  Tokens,
  RequestsInFlight,
  StreamsOpen,
  UpstreamAttempts,
  UpstreamConnections,
  HedgedRequests,
  ResumedStreams,
  BreakerState,
  ProviderKeys,
  Rejected,
  ConfigReloads,
  LogLinesDropped,
  RequestsByKey,
  CostUsd,
  ShadowRequests,
  ShadowCostUsd,
  GenAiTokenUsage,
  GenAiRequestDuration,
  GenAiTimeToFirstToken,
  GenAiTimePerOutputToken,
};

enum class FamilyType : std::uint8_t { Counter, Gauge, Histogram };

struct FamilyInfo {
  Family family;
  FamilyType type;
  std::string_view name;
  std::string_view help;
  std::array<std::string_view, 4> labels{};  // Those of a cell: up to two, in its order.
  double unit = 1;                           // What one of a cell's count is.
};

inline constexpr std::array kFamilies = std::to_array<FamilyInfo>({
    {Family::Requests,
     FamilyType::Counter,
     "sluice_requests_total",
     "Requests answered, by HTTP status.",
     {"surface", "model", "provider", "code"}},
    {Family::RequestDuration,
     FamilyType::Histogram,
     "sluice_request_duration_seconds",
     "From the request's first byte to the reply's last.",
     {"surface", "model", "provider"}},
    {Family::Overhead, FamilyType::Histogram, "sluice_overhead_seconds",
     "Time spent in the gateway itself."},
    {Family::TimeToFirstToken,
     FamilyType::Histogram,
     "sluice_time_to_first_token_seconds",
     "Until a stream's first content.",
     {"model", "provider"}},
    {Family::TimePerOutputToken,
     FamilyType::Histogram,
     "sluice_time_per_output_token_seconds",
     "Of a stream, after its first token.",
     {"model", "provider"}},
    {Family::Tokens,
     FamilyType::Counter,
     "sluice_tokens_total",
     "Tokens as the providers count them.",
     {"model", "provider", "kind"}},
    {Family::RequestsInFlight, FamilyType::Gauge, "sluice_requests_in_flight",
     "Requests being worked on."},
    {Family::StreamsOpen, FamilyType::Gauge, "sluice_streams_open", "Streams being relayed."},
    {Family::UpstreamAttempts,
     FamilyType::Counter,
     "sluice_upstream_attempts_total",
     "Calls to providers, retries and fallbacks included.",
     {"provider", "outcome"}},
    {Family::UpstreamConnections,
     FamilyType::Gauge,
     "sluice_upstream_connections",
     "Connections to providers.",
     {"provider", "state"}},
    {Family::HedgedRequests,
     FamilyType::Counter,
     "sluice_hedged_requests_total",
     "Requests that a second target was asked for beside the first, by whether it answered.",
     {"result"}},
    {Family::ResumedStreams, FamilyType::Counter, "sluice_resumed_streams_total",
     "Streams that broke off and went on at another target."},
    {Family::BreakerState,
     FamilyType::Gauge,
     "sluice_breaker_state",
     "Whether a target is asked: 0 yes, 1 now and then, 2 it rests.",
     {"target"}},
    {Family::ProviderKeys,
     FamilyType::Gauge,
     "sluice_provider_keys",
     "Keys of a provider by their condition.",
     {"provider", "state"}},
    {Family::Rejected,
     FamilyType::Counter,
     "sluice_rejected_total",
     "Requests that the gateway itself refused.",
     {"reason"}},
    {Family::ConfigReloads,
     FamilyType::Counter,
     "sluice_config_reloads_total",
     "Attempts to load a changed configuration.",
     {"result"}},
    {Family::LogLinesDropped, FamilyType::Counter, "sluice_log_lines_dropped_total",
     "Log lines lost because the log could not be written fast enough."},
    {Family::RequestsByKey,
     FamilyType::Counter,
     "sluice_requests_by_key_total",
     "Requests answered, by the caller's key id.",
     {"key"}},
    {Family::CostUsd,
     FamilyType::Counter,
     "sluice_cost_usd_total",
     "What the answers cost by the prices that are known.",
     {"model", "provider"},
     1e-12},
    {Family::ShadowRequests,
     FamilyType::Counter,
     "sluice_shadow_requests_total",
     "Copies of requests that went to a shadow, and what became of them.",
     {"provider", "result"}},
    {Family::ShadowCostUsd,
     FamilyType::Counter,
     "sluice_shadow_cost_usd_total",
     "What the answers of shadows cost; not among those of callers.",
     {"provider"},
     1e-12},
    {Family::GenAiTokenUsage,
     FamilyType::Histogram,
     "gen_ai_client_token_usage",
     "Tokens of one request.",
     {"gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model",
      "gen_ai_token_type"}},
    {Family::GenAiRequestDuration,
     FamilyType::Histogram,
     "gen_ai_server_request_duration_seconds",
     "Duration of one request.",
     {"gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model"}},
    {Family::GenAiTimeToFirstToken,
     FamilyType::Histogram,
     "gen_ai_server_time_to_first_token_seconds",
     "Until a stream's first content.",
     {"gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model"}},
    {Family::GenAiTimePerOutputToken,
     FamilyType::Histogram,
     "gen_ai_server_time_per_output_token_seconds",
     "Of a stream, after its first token.",
     {"gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model"}},
});

constexpr const FamilyInfo& info(Family family) {
  return kFamilies[static_cast<std::size_t>(family)];
}

}  // namespace sluice::metrics
