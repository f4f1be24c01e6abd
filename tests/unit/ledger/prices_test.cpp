// What usage costs by a price.
#include "ledger/prices.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace sluice::ledger {
namespace {

constexpr std::int64_t kDollar = 1'000'000'000'000;

// USD for a million tokens.
constexpr Rates kRates{.input = 3 * kDollar,
                       .cached = 3 * kDollar / 10,
                       .cache_write = 375 * kDollar / 100,
                       .cache_write_1h = 6 * kDollar,
                       .output = 15 * kDollar};

TEST(CostOf, ChargesEachTokenOnceAsWhatItIs) {
  const Price price{.rates = kRates};

  const Usage usage{.input = 1'000,
                    .cached = 500,
                    .cache_write = 300,
                    .output = 200,
                    .reasoning = 150,
                    .cache_write_1h = 100};

  // 500 cached, 100 written for an hour, 200 written, 200 plain; 200 of output.
  EXPECT_EQ(cost_of(price, usage).pico_dollars,
            150'000'000 + 600'000'000 + 750'000'000 + 600'000'000 + 3'000'000'000);
}

TEST(CostOf, ChargesWhatHasNoPriceAsWhatItIsAPartOf) {
  const Price price{.rates = {.input = 2 * kDollar, .output = 8 * kDollar}};

  const Usage usage{.input = 100,
                    .cached = 50,
                    .output = 10,
                    .reasoning = 5,
                    .audio_input = 20,
                    .image_input = 10};

  EXPECT_EQ(cost_of(price, usage).pico_dollars, 100 * 2'000'000 + 10 * 8'000'000);
}

TEST(CostOf, ChargesSoundImagesAndReasoningAtTheirOwnPrices) {
  const Price price{.rates = {.input = kDollar,
                              .output = kDollar,
                              .reasoning = 2 * kDollar,
                              .audio_input = 10 * kDollar,
                              .audio_output = 20 * kDollar,
                              .image_input = 30 * kDollar,
                              .image_output = 40 * kDollar}};

  const Usage usage{.input = 4,
                    .output = 5,
                    .reasoning = 1,
                    .audio_input = 1,
                    .audio_output = 1,
                    .image_input = 1,
                    .image_output = 1};

  EXPECT_EQ(cost_of(price, usage).pico_dollars, (2 + 10 + 30 + 2 + 2 + 20 + 40) * 1'000'000);
}

TEST(CostOf, ChargesAllOfALargeRequestByItsTier) {
  const std::array tiers{
      PriceTier{.above = 128'000, .rates = {.input = 4 * kDollar}},
      PriceTier{.above = 200'000, .rates = {.input = 6 * kDollar, .output = 22 * kDollar}}};
  const Price price{.rates = kRates, .tiers = tiers};

  EXPECT_EQ(cost_of(price, {.input = 128'000}).pico_dollars, 128'000 * 3'000'000LL);
  EXPECT_EQ(cost_of(price, {.input = 128'001, .output = 1}).pico_dollars,
            128'001 * 4'000'000LL + 15'000'000);
  EXPECT_EQ(cost_of(price, {.input = 200'001, .output = 1}).pico_dollars,
            200'001 * 6'000'000LL + 22'000'000);
}

TEST(CostOf, AddsRequestAndSearches) {
  const Price price{.rates = kRates, .request = kDollar / 1000, .search = kDollar / 100};

  EXPECT_EQ(cost_of(price, {.searches = 3}).pico_dollars, kDollar / 1000 + 3 * (kDollar / 100));
}

TEST(CostOf, RoundsTheSumAndNotItsParts) {
  // 0.4 of a pico-dollar for each token.
  const Price price{.rates = {.input = 400'000, .output = 400'000}};

  EXPECT_EQ(cost_of(price, {.input = 1}).pico_dollars, 0);
  EXPECT_EQ(cost_of(price, {.input = 1, .output = 1}).pico_dollars, 1);
  EXPECT_EQ(cost_of(price, {.input = 5}).pico_dollars, 2);
}

TEST(CostOf, NeverChargesMorePartsThanTheWholeHas) {
  const Price price{.rates = kRates};

  EXPECT_EQ(cost_of(price, {.input = 10, .cached = 50, .cache_write = 50}),
            cost_of(price, {.input = 10, .cached = 10}));
  EXPECT_EQ(cost_of(price, {.input = -5, .output = -5}).pico_dollars, 0);
}

TEST(CostOf, StaysAtTheLargestInsteadOfTurningOver) {
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
  const Price price{.rates = {.input = kLargest, .output = kLargest}, .request = kLargest};

  EXPECT_EQ(cost_of(price, {.input = kLargest, .output = kLargest}).pico_dollars, kLargest);
}

TEST(UsdText, WritesEveryDigitAndNoMore) {
  EXPECT_EQ(usd_text({0}), "0");
  EXPECT_EQ(usd_text({1}), "0.000000000001");
  EXPECT_EQ(usd_text({12'300'000'000}), "0.0123");
  EXPECT_EQ(usd_text({2 * kDollar}), "2");
}

}  // namespace
}  // namespace sluice::ledger
