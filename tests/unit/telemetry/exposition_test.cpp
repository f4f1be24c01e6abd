#include "telemetry/exposition.h"

#include "telemetry/process_stats.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

namespace sluice::telemetry {
namespace {

using metrics::Family;
using metrics::MetricsRegistry;
using metrics::NameKind;

constexpr std::int64_t kMillisecond = 1'000'000;
const BuildInfo kBuild{.version = "1.2.3", .revision = "abc"};

metrics::RequestRecord streamed(MetricsRegistry& registry) {
  auto& names = registry.names();
  return {.surface = names.id(NameKind::Surface, "openai"),
          .operation = names.id(NameKind::Operation, "chat"),
          .model = names.id(NameKind::Model, "gpt-4o"),
          .provider = names.id(NameKind::Provider, "my-azure"),
          .gen_ai_provider = names.id(NameKind::GenAiProvider, "azure.ai.openai"),
          .status = 200,
          .streaming = true,
          .duration_ns = 1'020 * kMillisecond,
          .overhead_ns = 30'000,
          .first_token_ns = 20 * kMillisecond,
          .tokens = {100, 51, 10, 0, 7}};
}

void expect_line(const std::string& text, const std::string& line) {
  EXPECT_NE(("\n" + text).find("\n" + line + "\n"), std::string::npos) << line << "\nin\n" << text;
}

TEST(Exposition, ShowsEveryRequestUnderItsLabels) {
  MetricsRegistry registry;
  registry.add_thread().record_request(streamed(registry));
  registry.add_thread().record_request(streamed(registry));

  const auto text = metrics_text(registry, kBuild);

  const std::string where = R"(model="gpt-4o",provider="my-azure")";
  expect_line(text, R"(sluice_requests_total{surface="openai",)" + where + R"(,code="200"} 2)");
  expect_line(text, "sluice_tokens_total{" + where + R"(,kind="input"} 200)");
  expect_line(text, "sluice_tokens_total{" + where + R"(,kind="reasoning"} 14)");
  expect_line(text, "sluice_request_duration_seconds_count{surface=\"openai\"," + where + "} 2");
  expect_line(text, "sluice_time_to_first_token_seconds_bucket{" + where + R"(,le="0.02"} 2)");
  expect_line(text, "sluice_time_per_output_token_seconds_bucket{" + where + R"(,le="0.025"} 2)");
  expect_line(text, R"(sluice_overhead_seconds_bucket{le="2.5e-05"} 0)");
  expect_line(text, R"(sluice_overhead_seconds_bucket{le="5e-05"} 2)");
}

TEST(Exposition, ShowsOpenTelemetrysNamesAndScales) {
  MetricsRegistry registry;
  registry.add_thread().record_request(streamed(registry));

  const auto text = metrics_text(registry, kBuild);

  const std::string where =
      R"(gen_ai_operation_name="chat",gen_ai_provider_name="azure.ai.openai",)"
      R"(gen_ai_request_model="gpt-4o")";
  const std::string duration = "gen_ai_server_request_duration_seconds_bucket{" + where;
  expect_line(text, duration + R"(,le="0.64"} 0)");
  expect_line(text, duration + R"(,le="1.28"} 1)");
  expect_line(text, duration + R"(,le="81.92"} 1)");
  EXPECT_EQ(text.find(duration + R"(,le="0.001"})"), std::string::npos);
  EXPECT_EQ(text.find(duration + R"(,le="163.84"})"), std::string::npos);
  const std::string usage = "gen_ai_client_token_usage_bucket{" + where;
  expect_line(text, usage + R"(,gen_ai_token_type="input",le="64"} 0)");
  expect_line(text, usage + R"(,gen_ai_token_type="input",le="256"} 1)");
  expect_line(text, usage + R"(,gen_ai_token_type="output",le="64"} 1)");
  expect_line(text, "gen_ai_server_time_to_first_token_seconds_count{" + where + "} 1");
  expect_line(text, "gen_ai_server_time_per_output_token_seconds_count{" + where + "} 1");
}

TEST(Exposition, SumsWhatDiffersOnlyInOtherLabels) {
  MetricsRegistry registry;
  auto& thread = registry.add_thread();
  auto record = streamed(registry);
  thread.record_request(record);
  record.surface = registry.names().id(NameKind::Surface, "anthropic");
  thread.record_request(record);

  const auto text = metrics_text(registry, kBuild);

  expect_line(text, R"(sluice_tokens_total{model="gpt-4o",provider="my-azure",kind="output"} 102)");
  expect_line(text,
              R"(sluice_time_to_first_token_seconds_count{model="gpt-4o",provider="my-azure"} 2)");
}

TEST(Exposition, ShowsCountersAndGaugesOfCells) {
  MetricsRegistry registry;
  auto& names = registry.names();
  auto& thread = registry.add_thread();
  thread.cell(Family::RequestsInFlight).add(3);
  thread.cell(Family::RequestsInFlight).add(-1);
  const auto provider = names.id(NameKind::Provider, "openai");
  thread.cell(Family::UpstreamConnections, provider, names.id(NameKind::State, "idle")).add(4);
  thread.cell(Family::UpstreamAttempts, provider, names.id(NameKind::Outcome, "answered")).add();
  thread.cell(Family::Rejected, names.id(NameKind::Reason, "rate_limit_exceeded")).add();
  thread.cell(Family::ConfigReloads, names.id(NameKind::Result, "failure")).add();

  const auto text = metrics_text(registry, kBuild);

  expect_line(text, "sluice_requests_in_flight 2");
  expect_line(text, "sluice_streams_open 0");
  expect_line(text, R"(sluice_upstream_connections{provider="openai",state="idle"} 4)");
  expect_line(text, R"(sluice_upstream_attempts_total{provider="openai",outcome="answered"} 1)");
  expect_line(text, R"(sluice_rejected_total{reason="rate_limit_exceeded"} 1)");
  expect_line(text, R"(sluice_config_reloads_total{result="failure"} 1)");
  expect_line(text, R"(sluice_build_info{version="1.2.3",revision="abc"} 1)");
}

TEST(Exposition, EscapesNames) {
  MetricsRegistry registry;
  auto record = streamed(registry);
  record.model = registry.names().id(NameKind::Model, R"(a"b\c)");
  registry.add_thread().record_request(record);

  const auto text = metrics_text(registry, kBuild);

  EXPECT_NE(text.find(R"(model="a\"b\\c")"), std::string::npos);
}

TEST(Exposition, PassesPrometheusOwnCheck) {
  if (!std::filesystem::exists("/usr/bin/promtool")) {
    GTEST_SKIP() << "promtool IS NOT INSTALLED: the names of the metrics were NOT checked";
  }
  MetricsRegistry registry;
  auto& names = registry.names();
  auto& thread = registry.add_thread();
  auto record = streamed(registry);
  record.key = names.id(NameKind::Key, "dev");
  thread.record_request(record);
  for (const auto& family : metrics::kFamilies) {
    const bool per_request = family.family == Family::Requests || family.family == Family::Tokens;
    if (family.type == metrics::FamilyType::Histogram || per_request) continue;
    const auto label = family.labels[0].empty() ? metrics::kNone : metrics::kOther;
    thread.cell(family.family, label, family.labels[1].empty() ? metrics::kNone : label).add();
  }
  const auto stem =
      std::filesystem::path(testing::TempDir()) / ("metrics." + std::to_string(::getpid()));
  const auto page = stem.string() + ".txt";
  const auto verdict = stem.string() + ".out";
  std::ofstream(page) << metrics_text(registry, kBuild);

  const auto command = "/usr/bin/promtool check metrics < " + page + " > " + verdict + " 2>&1";
  const int exit_status = std::system(command.c_str());

  std::ifstream file(verdict);
  const std::string said{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(exit_status, 0) << said;
  EXPECT_EQ(said, "");
  for (const auto& family : metrics::kFamilies) {
    std::ifstream shown(page);
    const std::string text{std::istreambuf_iterator<char>(shown), {}};
    EXPECT_NE(text.find("# TYPE " + std::string(family.name) + " "), std::string::npos)
        << family.name;
  }
  std::filesystem::remove(page);
  std::filesystem::remove(verdict);
}

TEST(Exposition, ShowsWhatIsLookedUpAtTheScrape) {
  MetricsRegistry registry;
  const std::array<Sample, 4> samples{
      Sample{Family::BreakerState, {"up/gpt \"4\"", ""}, 2},
      Sample{Family::ProviderKeys, {"up", "usable"}, 3},
      Sample{Family::ProviderKeys, {"up", "cooling"}, 0},
      Sample{Family::ResumedStreams, {}, 7},
  };

  const auto text = metrics_text(registry, kBuild, samples);

  expect_line(text, R"(sluice_breaker_state{target="up/gpt \"4\""} 2)");
  expect_line(text, R"(sluice_provider_keys{provider="up",state="usable"} 3)");
  expect_line(text, R"(sluice_provider_keys{provider="up",state="cooling"} 0)");
  expect_line(text, "sluice_resumed_streams_total 7");
  EXPECT_EQ(text.find("\nsluice_resumed_streams_total 0"), std::string::npos);
}

TEST(ProcessStats, AreThoseOfThisProcess) {
  const auto stats = process_stats();

  EXPECT_GT(stats.resident_bytes, 100'000U);
  EXPECT_GT(stats.virtual_bytes, stats.resident_bytes);
  EXPECT_GE(stats.open_fds, 3U);
  EXPECT_GE(stats.max_fds, stats.open_fds);
  EXPECT_GT(stats.start_time_seconds, 1.6e9);
}

}  // namespace
}  // namespace sluice::telemetry
