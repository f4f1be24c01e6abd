// Prices: numbers without floating point, files of ours and of LiteLLM, what is in force when.
#include "config/built_in.h"
#include "config/decimal.h"
#include "config/litellm_prices.h"
#include "config/price_reader.h"
#include "unit/config/loading.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <tuple>

namespace sluice::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::int64_t kDollar = 1'000'000'000'000;

std::chrono::sys_seconds day(int year, unsigned month, unsigned of_month) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) /
                               std::chrono::day(of_month));
}

std::vector<PriceTexts> prices_of(std::string_view text) {
  Findings findings("prices.yaml", 20);
  auto prices = read_prices(text, findings);
  for (const auto& each : findings.take_errors()) ADD_FAILURE() << each.text();
  return prices;
}

std::vector<std::string> errors_of_prices(std::string_view text) {
  Findings findings("prices.yaml", 20);
  read_prices(text, findings);
  return texts(findings.take_errors());
}

TEST(Decimal, IsExact) {
  EXPECT_EQ(parse_decimal("2.5e-07", 18), 250'000'000'000);
  EXPECT_EQ(parse_decimal("1.25", 12), 1'250'000'000'000);
  EXPECT_EQ(parse_decimal("0.0", 12), 0);
  EXPECT_EQ(parse_decimal("1E+2", 0), 100);
  EXPECT_EQ(parse_decimal("256000.0", 0), 256'000);
  EXPECT_EQ(parse_decimal("0.000000000001", 12), 1);
  EXPECT_EQ(parse_decimal("9223372036854775807", 0), 9'223'372'036'854'775'807);
}

TEST(Decimal, RoundsHalfUpBehindItsLastPlace) {
  EXPECT_EQ(parse_decimal("0.14", 1), 1);
  EXPECT_EQ(parse_decimal("0.15", 1), 2);
  EXPECT_EQ(parse_decimal("5e-1", 0), 1);
  EXPECT_EQ(parse_decimal("4e-90", 12), 0);
}

TEST(Decimal, RefusesWhatIsNoSuchNumberOrTooLarge) {
  for (const std::string_view text : {"", ".", "-1", "+1", "1.2.3", "1e", "e5", "0x10", "1 ", "nan",
                                      "1e101", "9223372036854775808", "1e19"}) {
    EXPECT_FALSE(parse_decimal(text, 0)) << text;
  }
}

TEST(PriceReader, ReadsRatesUnitsTiersAndDays) {
  const auto prices = prices_of(
      "acme:\n"
      "  a: { input: 1.25, cached: 0.125, output: 10, request: 0.01,\n"
      "       from: 2025-08-07,\n"
      "       above: [{ tokens: 200k, output: 15 }] }\n");

  ASSERT_THAT(prices, SizeIs(1));
  EXPECT_EQ(prices[0].provider, "acme");
  EXPECT_EQ(prices[0].price.rates.input, 1'250'000'000'000);
  EXPECT_EQ(prices[0].price.rates.cached, 125'000'000'000);
  EXPECT_EQ(prices[0].price.rates.reasoning, Rates::kUnset);
  EXPECT_EQ(prices[0].price.request, kDollar / 100);
  EXPECT_EQ(prices[0].price.from, day(2025, 8, 7).time_since_epoch().count());
  EXPECT_THAT(prices[0].tiers,
              ElementsAre(PriceTier{.above = 200'000, .rates = {.output = 15 * kDollar}}));
}

TEST(PriceReader, TellsWhereAndWhatIsWrong) {
  EXPECT_THAT(errors_of_prices("acme: { a: { inptu: 1 } }\n"),
              testing::Contains(HasSubstr("1:14: acme.a.inptu: unknown key; did you mean")));
  EXPECT_THAT(errors_of_prices("acme: { a: { input: -1 } }\n"),
              ElementsAre(HasSubstr("expected an amount of USD such as 0.25")));
  EXPECT_THAT(errors_of_prices("acme: { a: { from: 2025-08-07 } }\n"),
              ElementsAre(HasSubstr("says no price")));
  EXPECT_THAT(errors_of_prices("acme: { a: { input: 1, from: 2025-08-32 } }\n"),
              ElementsAre(HasSubstr("expected a day")));
  EXPECT_THAT(errors_of_prices("acme: { a: [{ input: 1, from: 2025-02-01 }, { input: 2 }] }\n"),
              ElementsAre(HasSubstr("expected the prices in the order of their `from`")));
  EXPECT_THAT(errors_of_prices("- a\n"), ElementsAre(HasSubstr("expected a mapping from types")));
}

TEST(PriceTable, GivesThePriceThatWasInForce) {
  const PriceTable table({},
                         prices_of("acme:\n"
                                   "  a: [{ input: 1 }, { input: 2, from: 2026-01-01 },\n"
                                   "      { input: 3, from: 2026-06-01, until: 2026-07-01 }]\n"));

  EXPECT_EQ(table.find("acme", "a", day(2025, 12, 31))->rates.input, kDollar);
  EXPECT_EQ(table.find("acme", "a", day(2026, 1, 1))->rates.input, 2 * kDollar);
  EXPECT_EQ(table.find("acme", "a", day(2026, 6, 30))->id, "acme/a@2026-06-01");
  EXPECT_EQ(table.find("acme", "a", day(2026, 7, 1)), nullptr);
  EXPECT_EQ(table.find("acme", "a", day(2025, 1, 1))->id, "acme/a");
}

TEST(PriceTable, PrefersTheExactModelThenTheLongestBeginning) {
  const PriceTable table(
      {}, prices_of("acme: { m-1: { input: 1 }, 'm-*': { input: 2 }, 'm-1*': { input: 3 } }\n"));
  const auto now = day(2026, 1, 1);

  EXPECT_EQ(table.find("acme", "m-1", now)->rates.input, kDollar);
  EXPECT_EQ(table.find("acme", "m-12", now)->rates.input, 3 * kDollar);
  EXPECT_EQ(table.find("acme", "m-2", now)->rates.input, 2 * kDollar);
  EXPECT_EQ(table.find("acme", "n", now), nullptr);
  EXPECT_EQ(table.find("other", "m-1", now), nullptr);
  EXPECT_EQ(table.dearest("acme", now)->rates.input, 3 * kDollar);
}

TEST(PriceTable, LetsAFileGoBeforeWhatIsBuiltIn) {
  const PriceTable table(built_in_prices(), prices_of("openai: { gpt-4o: { input: 7 } }\n"));
  const auto now = day(2026, 11, 1);

  EXPECT_EQ(table.find("openai", "gpt-4o", now)->rates.input, 7 * kDollar);
  EXPECT_EQ(table.find("openai", "gpt-4o", now)->rates.output, Rates::kUnset);
  EXPECT_EQ(table.find("openai", "gpt-4o-mini", now)->rates.input, 15 * kDollar / 100);
}

TEST(BuiltInPrices, AreSortedAndOfTypesThatThereAre) {
  const Catalogue catalogue(built_in_kinds());

  EXPECT_TRUE(std::ranges::is_sorted(built_in_prices(), {}, [](const Price& price) {
    return std::tie(price.provider, price.model, price.from);
  }));
  for (const Price& price : built_in_prices()) {
    EXPECT_TRUE(catalogue.find(price.provider)) << price.id;
    EXPECT_LT(price.from, price.until) << price.id;
  }
}

TEST(BuiltInPrices, KnowTheCurrentModelsOfTheMajorProviders) {
  const PriceTable table(built_in_prices(), {});
  const auto now = day(2026, 11, 21);

  for (const auto& [provider, model] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"openai", "gpt-5.5"},
           {"openai", "text-embedding-3-small"},
           {"azure", "gpt-5"},
           {"anthropic", "claude-opus-5"},
           {"anthropic", "claude-sonnet-4-5"},
           {"gemini", "gemini-2.5-pro"},
           {"vertex", "claude-sonnet-5"},
           {"bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"},
           {"mistral", "mistral-large-latest"},
           {"cohere", "command-a-03-2025"},
           {"groq", "llama-3.3-70b-versatile"},
           {"deepseek", "deepseek-chat"},
           {"xai", "grok-4.3"}}) {
    EXPECT_TRUE(table.find(provider, model, now)) << provider << "/" << model;
  }
}

std::string litellm_sample() {
  std::ifstream file(std::string(SLUICE_SOURCE_DIR) +
                     "/tests/unit/config/data/litellm_prices.json");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

const PriceTexts* find(const LiteLlmPrices& all, std::string_view provider,
                       std::string_view model) {
  for (const PriceTexts& each : all.prices) {
    if (each.provider == provider && each.model == model) return &each;
  }
  return nullptr;
}

TEST(LiteLlmPrices, LoadOrAreSkippedForAReason) {
  const auto all = read_litellm_prices(litellm_sample());
  ASSERT_TRUE(all) << all.error()->message;

  std::vector<std::string> skipped;
  for (const auto& each : all->skipped) skipped.push_back(each.name + ": " + std::string(each.why));
  EXPECT_THAT(skipped, testing::IsSupersetOf(
                           {"sample_spec: is no model", "fallback_generalizations: is no model"}));
  EXPECT_LE(skipped.size(), 12U);
  EXPECT_GE(all->prices.size(), 50U);
}

TEST(LiteLlmPrices, AreReadExactly) {
  const auto all = read_litellm_prices(litellm_sample());
  ASSERT_TRUE(all);

  const PriceTexts* gpt = find(*all, "openai", "gpt-5");
  ASSERT_TRUE(gpt);
  EXPECT_EQ(gpt->price.rates.input, 125 * kDollar / 100);
  EXPECT_EQ(gpt->price.rates.cached, 125 * kDollar / 1000);
  EXPECT_EQ(gpt->price.rates.output, 10 * kDollar);
  const PriceTexts* claude = find(*all, "anthropic", "claude-sonnet-4-5");
  ASSERT_TRUE(claude);
  EXPECT_EQ(claude->price.rates.cache_write_1h, 6 * kDollar);
  EXPECT_EQ(claude->price.search, kDollar / 100);
  EXPECT_THAT(claude->tiers, ElementsAre(PriceTier{.above = 200'000,
                                                   .rates = {.input = 6 * kDollar,
                                                             .cached = 6 * kDollar / 10,
                                                             .cache_write = 75 * kDollar / 10,
                                                             .cache_write_1h = 12 * kDollar,
                                                             .output = 225 * kDollar / 10}}));
  const PriceTexts* qwen = find(*all, "dashscope", "qwen-flash");
  ASSERT_TRUE(qwen);
  EXPECT_EQ(qwen->price.rates.input, 5 * kDollar / 100);
  EXPECT_THAT(qwen->tiers,
              ElementsAre(PriceTier{.above = 256'000,
                                    .rates = {.input = kDollar / 4, .output = 2 * kDollar}}));
}

TEST(LiteLlmPrices, TakeTheNamesThatProvidersHaveHere) {
  const auto all = read_litellm_prices(litellm_sample());
  ASSERT_TRUE(all);

  EXPECT_TRUE(find(*all, "gemini", "gemini-2.5-pro"));
  EXPECT_TRUE(find(*all, "bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"));
  EXPECT_TRUE(find(*all, "vertex", "claude-opus-4-1"));
  EXPECT_TRUE(find(*all, "together", "openai/gpt-oss-120b"));
  EXPECT_TRUE(find(*all, "openrouter", "anthropic/claude-sonnet-4.5"));
}

TEST(LiteLlmPrices, RefuseAPriceThatIsNoNumber) {
  const auto all = read_litellm_prices(
      R"({"m": {"litellm_provider": "openai", "input_cost_per_token": "a lot"}})");

  ASSERT_FALSE(all);
  EXPECT_THAT(all.error()->message, HasSubstr("m: expected a price"));
}

TEST(Prices, OfLiteLlmAlsoTellWhatTheCatalogueLacks) {
  FakeEnvironment environment;
  environment.files["/etc/sluice/prices.json"] =
      R"({"groq/new-1": {"litellm_provider": "groq", "max_input_tokens": 4096,
          "input_cost_per_token": 1e-06, "supports_vision": true}})";

  const auto snapshot = snapshot_of("prices: prices.json\n", environment);

  const ModelFacts* facts = snapshot->catalogue().find("groq")->find("new-1");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->context, 4096);
  EXPECT_TRUE(facts->abilities.has(Ability::ImagesIn));
  EXPECT_EQ(snapshot->prices().find("groq", "new-1", day(2026, 1, 1))->rates.input, kDollar);
}

TEST(Prices, WarnOfATypeThatThereIsNot) {
  FakeEnvironment environment;
  environment.files["/etc/sluice/prices.yaml"] = "opnai: { a: { input: 1 } }\n";

  const auto snapshot = snapshot_of("prices: prices.yaml\n", environment);

  EXPECT_THAT(texts(snapshot->warnings()),
              testing::Contains(HasSubstr("prices.yaml:1:1: opnai: is not a type")));
}

}  // namespace
}  // namespace sluice::config
