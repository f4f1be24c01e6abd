#include "telemetry/metrics/totals.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace sluice::metrics {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

RequestRecord record_of(MetricsRegistry& registry, std::string_view model = "gpt-4o") {
  auto& names = registry.names();
  return {.surface = names.id(NameKind::Surface, "openai"),
          .operation = names.id(NameKind::Operation, "chat"),
          .model = names.id(NameKind::Model, model),
          .provider = names.id(NameKind::Provider, "openai"),
          .gen_ai_provider = names.id(NameKind::GenAiProvider, "openai"),
          .status = 200,
          .duration_ns = 30 * kMillisecond};
}

const RequestTotals& only_series(const Totals& totals) {
  EXPECT_EQ(totals.requests.size(), 1U);
  return totals.requests.begin()->second;
}

TEST(Buckets, HoldTheirUpperBound) {
  EXPECT_EQ(bucket_of(kTokenUsageBounds, 0), 0U);
  EXPECT_EQ(bucket_of(kTokenUsageBounds, 1), 0U);
  EXPECT_EQ(bucket_of(kTokenUsageBounds, 2), 1U);
  EXPECT_EQ(bucket_of(kTokenUsageBounds, 4), 1U);
  EXPECT_EQ(bucket_of(kTokenUsageBounds, 5), 2U);
}

TEST(Buckets, AgreeWithALinearSearchEverywhere) {
  auto slowly = [](const auto& bounds, std::uint64_t value) {
    std::size_t index = 0;
    while (index < bounds.size() && bounds[index] < value) ++index;
    return index;
  };
  auto agree = [&](const auto& bounds) {
    for (const auto bound : bounds) {
      for (const auto value : {bound - 1, bound, bound + 1}) {
        EXPECT_EQ(bucket_of(bounds, value), slowly(bounds, value)) << value;
      }
    }
    const auto largest = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(bucket_of(bounds, largest), bounds.size());
  };

  agree(kDurationBounds);
  agree(kFirstTokenBounds);
  agree(kPerTokenBounds);
  agree(kOverheadBounds);
  agree(kTokenUsageBounds);
}

TEST(Buckets, OfDurationsContainOpenTelemetrysScale) {
  for (std::size_t i = 0; i < kOtelDurationCount; ++i) {
    EXPECT_EQ(kDurationBounds[kOtelDurationFirst + i], (10ULL << i) * kMillisecond);
  }
}

TEST(Names, GiveTheSameIdToTheSameName) {
  Names names;

  const Id first = names.id(NameKind::Model, "gpt-4o");

  EXPECT_EQ(names.id(NameKind::Model, std::string("gpt-4o")), first);
  EXPECT_EQ(names.text(first), "gpt-4o");
  EXPECT_NE(names.id(NameKind::Provider, "gpt-4o"), first);
}

TEST(Names, CountWhatExceedsTheLimitAsOther) {
  Names names;
  const auto limit = kNameLimits[static_cast<std::size_t>(NameKind::Model)];
  for (int i = 0; i < limit; ++i) names.id(NameKind::Model, "model-" + std::to_string(i));

  EXPECT_EQ(names.id(NameKind::Model, "one-more"), kOther);
  EXPECT_EQ(names.text(names.id(NameKind::Model, "model-7")), "model-7");
  EXPECT_EQ(names.text(names.id(NameKind::Provider, "openai")), "openai");
}

TEST(Names, RefuseWhatIsNotALabel) {
  Names names;

  EXPECT_EQ(names.id(NameKind::Model, std::string(kLongestName + 1, 'x')), kOther);
  EXPECT_EQ(names.id(NameKind::Model, "\xff\xfe"), kOther);
  EXPECT_EQ(names.id(NameKind::Model, "two\nlines"), kOther);
  EXPECT_EQ(names.id(NameKind::Model, ""), kNone);
  EXPECT_EQ(names.text(kOther), "other");
  EXPECT_EQ(names.text(kNone), "");
}

TEST(Names, AgreeWhenEnteredByManyThreads) {
  Names names;
  std::array<std::vector<Id>, 4> seen;
  {
    std::vector<std::jthread> threads;
    threads.reserve(seen.size());
    for (auto& ids : seen) {
      threads.emplace_back([&] {
        for (int i = 0; i < 500; ++i) {
          ids.push_back(names.id(NameKind::Model, "m" + std::to_string(i)));
        }
      });
    }
  }

  for (const auto& ids : seen) EXPECT_EQ(ids, seen.front());
  EXPECT_EQ(names.text(seen.front()[42]), "m42");
}

TEST(SeriesKey, GivesItsIdsBack) {
  const RequestRecord record{
      .surface = 4095, .operation = 1, .model = 4094, .provider = 0, .gen_ai_provider = 4093};

  EXPECT_EQ(ids_of(series_key(record)), (std::array<Id, 5>{4095, 1, 4094, 0, 4093}));
}

TEST(ThreadMetrics, SumsRequestsOverThreads) {
  MetricsRegistry registry;
  auto record = record_of(registry);
  record.tokens = {100, 20, 5, 0, 0};

  registry.add_thread().record_request(record);
  registry.add_thread().record_request(record);

  const auto totals = totals_of(registry);
  const auto& series = only_series(totals);
  EXPECT_EQ(series.codes.at(200), 2U);
  EXPECT_EQ(series.duration.count(), 2U);
  EXPECT_EQ(series.duration.sum, 60U * kMillisecond);
  EXPECT_EQ(series.tokens[static_cast<std::size_t>(TokenKind::Input)], 200U);
  EXPECT_EQ(series.tokens[static_cast<std::size_t>(TokenKind::Cached)], 10U);
  EXPECT_EQ(series.output_usage.count(), 2U);
}

TEST(ThreadMetrics, CountsEachStatusApart) {
  MetricsRegistry registry;
  auto& thread = registry.add_thread();
  auto record = record_of(registry);
  for (const std::uint16_t status : {200, 429, 200, 502}) {
    record.status = status;
    thread.record_request(record);
  }

  const auto totals = totals_of(registry);
  const auto& codes = only_series(totals).codes;

  EXPECT_EQ(codes, (std::map<std::uint16_t, std::uint64_t>{{200, 2}, {429, 1}, {502, 1}}));
}

TEST(ThreadMetrics, LosesNoRequestWhenStatusesAreMany) {
  MetricsRegistry registry;
  auto& thread = registry.add_thread();
  auto record = record_of(registry);
  for (std::uint16_t status = 400; status < 450; ++status) {
    record.status = status;
    thread.record_request(record);
  }

  const auto totals = totals_of(registry);
  const auto& codes = only_series(totals).codes;

  EXPECT_EQ(codes.at(0), 50U - CodeCounts::kCodes);
  EXPECT_EQ(codes.at(400), 1U);
}

TEST(ThreadMetrics, MeasuresTokensOnlyAfterTheFirst) {
  MetricsRegistry registry;
  auto record = record_of(registry);
  record.streaming = true;
  record.duration_ns = 1'100 * kMillisecond;
  record.first_token_ns = 100 * kMillisecond;
  record.tokens = {10, 101, 0, 0, 0};

  registry.add_thread().record_request(record);

  const auto totals = totals_of(registry);
  EXPECT_EQ(only_series(totals).first_token.sum, 100U * kMillisecond);
  EXPECT_EQ(only_series(totals).per_token.sum, 10U * kMillisecond);
}

TEST(ThreadMetrics, SaysNothingOfWhatIsUnknown) {
  MetricsRegistry registry;

  registry.add_thread().record_request(record_of(registry));

  const auto totals = totals_of(registry);
  EXPECT_EQ(only_series(totals).first_token.count(), 0U);
  EXPECT_EQ(only_series(totals).input_usage.count(), 0U);
  EXPECT_EQ(totals.overhead.count(), 0U);
}

TEST(ThreadMetrics, CountsTooManySeriesAsOther) {
  MetricsRegistry registry;
  auto& thread = registry.add_thread();
  const auto requests = ThreadMetrics::kMostSeries + 10;
  for (std::size_t i = 0; i < requests; ++i) {
    thread.record_request({.model = static_cast<Id>(i % 4000), .provider = Id(i / 4000)});
  }

  const auto totals = totals_of(registry);

  EXPECT_EQ(totals.requests.size(), ThreadMetrics::kMostSeries + 1);
  const RequestRecord other{.surface = kOther,
                            .operation = kOther,
                            .model = kOther,
                            .provider = kOther,
                            .gen_ai_provider = kOther};
  EXPECT_EQ(totals.requests.at(series_key(other)).codes.at(0), 10U);
}

TEST(ThreadMetrics, KeepsGaugesAcrossThreads) {
  MetricsRegistry registry;
  auto& opening = registry.add_thread().cell(Family::StreamsOpen);
  auto& closing = registry.add_thread().cell(Family::StreamsOpen);

  opening.add(5);
  closing.add(-2);

  EXPECT_EQ(totals_of(registry).cell(Family::StreamsOpen), 3);
}

TEST(ThreadMetrics, TellsLabelledCellsApart) {
  MetricsRegistry registry;
  auto& thread = registry.add_thread();

  thread.cell(Family::UpstreamAttempts, 2, 3).add();
  thread.cell(Family::UpstreamAttempts, 3, 2).add(2);
  thread.cell(Family::UpstreamConnections, 2, 3).add(4);
  thread.cell(Family::UpstreamAttempts, 2, 3).add();

  const auto totals = totals_of(registry);
  EXPECT_EQ(totals.cell(Family::UpstreamAttempts, 2, 3), 2);
  EXPECT_EQ(totals.cell(Family::UpstreamAttempts, 3, 2), 2);
  EXPECT_EQ(totals.cell(Family::UpstreamConnections, 2, 3), 4);
}

TEST(ThreadMetrics, CountsByKeyOnlyWhenAskedTo) {
  MetricsRegistry registry;
  auto& thread = registry.add_thread();
  auto record = record_of(registry);

  thread.record_request(record);
  record.key = registry.names().id(NameKind::Key, "dev");
  thread.record_request(record);

  EXPECT_EQ(totals_of(registry).cell(Family::RequestsByKey, record.key), 1);
}

TEST(ThreadMetrics, MayBeReadWhileWritten) {
  MetricsRegistry registry;
  auto& thread = registry.add_thread();
  constexpr int kRequests = 20'000;
  std::jthread writer([&] {
    auto record = record_of(registry);
    for (int i = 0; i < kRequests; ++i) {
      record.model = static_cast<Id>(i % 700);
      thread.record_request(record);
      thread.cell(Family::Rejected, static_cast<Id>(i % 50)).add();
    }
  });

  std::uint64_t before = 0;
  while (before < kRequests) {
    std::uint64_t now = 0;
    for (const auto& [key, series] : totals_of(registry).requests) now += series.duration.count();
    ASSERT_GE(now, before);
    before = now;
  }

  EXPECT_EQ(before, static_cast<std::uint64_t>(kRequests));
}

TEST(Families, StandWhereTheirEnumSaysAndFollowTheNamingRules) {
  for (std::size_t i = 0; i < kFamilies.size(); ++i) {
    const auto& family = kFamilies[i];
    EXPECT_EQ(static_cast<std::size_t>(family.family), i) << family.name;
    EXPECT_EQ(family.name.ends_with("_total"), family.type == FamilyType::Counter) << family.name;
    EXPECT_TRUE(family.name.starts_with("sluice_") || family.name.starts_with("gen_ai_"));
    EXPECT_TRUE(family.help.ends_with('.')) << family.name;
  }
}

}  // namespace
}  // namespace sluice::metrics
