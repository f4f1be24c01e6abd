#include "telemetry/metrics/recent_names.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::metrics {
namespace {

TEST(RecentNames, AgreesWithTheTableHoweverOftenAndInWhateverOrderItIsAsked) {
  Names names;
  RecentNames recent(names);
  const std::string long_name(100, 'm');

  for (int round = 0; round < 3; ++round) {
    for (const std::string_view name : {std::string_view("a"), std::string_view("b"),
                                        std::string_view(long_name), std::string_view("a")}) {
      EXPECT_EQ(recent.id(NameKind::Model, name), names.id(NameKind::Model, name)) << name;
      EXPECT_EQ(recent.id(NameKind::Provider, name), names.id(NameKind::Provider, name)) << name;
    }
    EXPECT_EQ(recent.id(NameKind::Model, ""), kNone);
  }
}

TEST(RecentNames, KeepsTheKindsApart) {
  Names names;
  RecentNames recent(names);

  EXPECT_NE(recent.id(NameKind::Model, "same"), recent.id(NameKind::Provider, "same"));
}

}  // namespace
}  // namespace sluice::metrics
