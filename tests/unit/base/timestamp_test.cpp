#include "base/timestamp.h"

#include <gtest/gtest.h>

namespace sluice::text {
namespace {

using std::chrono::seconds;

std::int64_t unix_time(std::optional<Moment> moment) {
  if (!moment) return -1;
  return std::chrono::duration_cast<seconds>(moment->time_since_epoch()).count();
}

TEST(Timestamp, ReadsRfc3339) {
  EXPECT_EQ(unix_time(parse_timestamp("2015-08-30T12:36:00Z")), 1440938160);
  EXPECT_EQ(unix_time(parse_timestamp("2015-08-30T12:36:00.123456Z")), 1440938160);
  EXPECT_EQ(unix_time(parse_timestamp("2015-08-30T14:36:00+02:00")), 1440938160);
  EXPECT_EQ(unix_time(parse_timestamp("2015-08-30T05:06:00.5-07:30")), 1440938160);
}

TEST(Timestamp, ReadsNoOtherTime) {
  for (const auto* text :
       {"", "2015-08-30", "2015-08-30T12:36:00", "2015-13-30T12:36:00Z", "2015-02-30T12:36:00Z",
        "2015-08-30T24:36:00Z", "2015-08-30T12:36:00.Z", "2015-08-30T12:36:00+0200",
        "2015-08-30 12:36:00Z", "2015-08-3xT12:36:00Z", "2015-08-30T12:36:00Zulu"}) {
    EXPECT_EQ(parse_timestamp(text), std::nullopt) << text;
  }
}

TEST(Timestamp, TakesWhatLiesBeyondTheClocksTimeForItsEnds) {
  const auto far = parse_timestamp("9999-08-30T12:36:00Z");
  ASSERT_TRUE(far);
  EXPECT_EQ(far, parse_timestamp("2200-08-30T12:36:00Z"));
  EXPECT_EQ(parse_timestamp("0001-01-01T00:00:00Z"), parse_timestamp("1700-01-01T00:00:00Z"));
}

TEST(Timestamp, ReadsTheDatesOfHttp) {
  EXPECT_EQ(unix_time(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT")), 784111777);
}

TEST(Timestamp, ReadsNoOtherDate) {
  for (const auto* text : {"", "Sun, 06 Nov 1994 08:49:37", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun, 06 Nux 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sluice::text
