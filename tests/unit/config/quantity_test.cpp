#include "config/quantity.h"

#include <gtest/gtest.h>

namespace sluice::config {
namespace {

TEST(Duration, IsANumberAndAUnit) {
  EXPECT_EQ(parse_duration("250ms"), Milliseconds(250));
  EXPECT_EQ(parse_duration("10s"), Milliseconds(10'000));
  EXPECT_EQ(parse_duration("5m"), Milliseconds(300'000));
  EXPECT_EQ(parse_duration("1h"), Milliseconds(3'600'000));
  EXPECT_EQ(parse_duration("30d"), Milliseconds(2'592'000'000));
}

TEST(Duration, RefusesWhatItCannotReadExactly) {
  for (const auto* text : {"", "10", "s", "-1s", "+1s", "1.5s", "010s", "1 s", "1S", "1s ", "3651d",
                           "99999999999999999999s", "1m30s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Duration, IsWrittenWithTheLargestUnitThatLeavesNoRest) {
  EXPECT_EQ(duration_text(Milliseconds(0)), "0s");
  EXPECT_EQ(duration_text(Milliseconds(1'500)), "1500ms");
  EXPECT_EQ(duration_text(Milliseconds(75'000)), "75s");
  EXPECT_EQ(duration_text(Milliseconds(600'000)), "10m");
}

TEST(Size, HasBinaryUnits) {
  EXPECT_EQ(parse_size("512B"), 512U);
  EXPECT_EQ(parse_size("64KiB"), 65'536U);
  EXPECT_EQ(parse_size("32MiB"), 33'554'432U);
  EXPECT_EQ(parse_size("1GiB"), 1'073'741'824U);
  EXPECT_EQ(size_text(65'536), "64KiB");
}

TEST(Size, RefusesDecimalUnitsAndOverflow) {
  for (const auto* text : {"64", "64KB", "64K", "64kib", "9999999999GiB", "0x10B"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(Count, MayBeShortened) {
  EXPECT_EQ(parse_count("200"), 200U);
  EXPECT_EQ(parse_count("5k"), 5'000U);
  EXPECT_EQ(parse_count("2M"), 2'000'000U);
  EXPECT_EQ(count_text(20'000), "20k");
  for (const auto* text : {"", "-1", "1.5k", "5K", "1_000", "007", "99999999999999M"}) {
    EXPECT_EQ(parse_count(text), std::nullopt) << text;
  }
}

TEST(Money, IsWholePicoDollars) {
  EXPECT_EQ(parse_money("12.50 USD"), 12'500'000'000'000);
  EXPECT_EQ(parse_money("0.000000000001 USD"), 1);
  EXPECT_EQ(parse_money("500 USD"), 500'000'000'000'000);
  for (const auto* text : {"12.50", "12.50 EUR", "-1 USD", "1.0000000000001 USD", "1. USD",
                           ".5 USD", "99999999 USD", "012 USD"}) {
    EXPECT_EQ(parse_money(text), std::nullopt) << text;
  }
}

TEST(Ratio, LiesBetweenZeroAndOne) {
  EXPECT_EQ(parse_ratio("0.25"), 0.25);
  EXPECT_EQ(parse_ratio("5%"), 0.05);
  EXPECT_EQ(parse_ratio("1"), 1.0);
  for (const auto* text : {"", "%", "1.1", "101%", "-0.1", "1e-1", "nan", "0.1.2"}) {
    EXPECT_EQ(parse_ratio(text), std::nullopt) << text;
  }
}

TEST(Date, IsADayOfTheCalendar) {
  using namespace std::chrono_literals;
  EXPECT_EQ(parse_date("2027-01-31"), 2027y / std::chrono::January / 31);
  for (const auto* text : {"2027-02-29", "2027-1-31", "31-01-2027", "2027-13-01", "2027/01/31"}) {
    EXPECT_EQ(parse_date(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sluice::config
