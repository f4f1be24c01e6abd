#include "config/expansion.h"

#include "unit/config/loading.h"

namespace sluice::config {
namespace {

class Expansion : public testing::Test {
 protected:
  std::string expand(std::string_view text) {
    Expander expander(environment_, "/etc/sluice", Missing::Refuse);
    auto expanded = expander.expand(text);
    return expanded ? expanded->text : "error: " + expanded.error();
  }

  FakeEnvironment environment_;
};

TEST_F(Expansion, TakesAVariable) {
  environment_.variables["NAME"] = "value";

  EXPECT_EQ(expand("a ${NAME} b"), "a value b");
  EXPECT_EQ(expand("${NAME}${NAME}"), "valuevalue");
}

TEST_F(Expansion, IsDoneOnce) {
  environment_.variables["NAME"] = "${OTHER}";

  EXPECT_EQ(expand("${NAME}"), "${OTHER}");
}

TEST_F(Expansion, TakesTheDefaultWhenTheVariableIsMissingOrEmpty) {
  environment_.variables["EMPTY"] = "";

  EXPECT_EQ(expand("${MISSING:-fallback}"), "fallback");
  EXPECT_EQ(expand("${EMPTY:-fallback}"), "fallback");
  EXPECT_EQ(expand("${MISSING:-}"), "");
  EXPECT_EQ(expand("${EMPTY}"), "");
}

TEST_F(Expansion, SaysWhatIsMissing) {
  EXPECT_EQ(expand("${MISSING}"), "error: the environment variable MISSING is not set");
  EXPECT_EQ(expand("${MISSING:?set it in the unit file}"),
            "error: MISSING: set it in the unit file");
}

TEST_F(Expansion, ReadsAFileBelowTheFoldersPathWithoutItsLastLineEnd) {
  environment_.files["/run/secrets/key"] = "sk-1\r\n";
  environment_.files["/etc/sluice/near"] = "sk-2\n\n";

  EXPECT_EQ(expand("${file:/run/secrets/key}"), "sk-1");
  EXPECT_EQ(expand("${file:near}"), "sk-2\n");
  EXPECT_EQ(expand("${file:/gone}"), "error: ${file:/gone}: cannot read it: no such file");
}

TEST_F(Expansion, LeavesOtherDollarsAlone) {
  EXPECT_EQ(expand("$0 $$ $NAME 5$"), "$0 $$ $NAME 5$");
  EXPECT_EQ(expand("$${NAME}"), "${NAME}");
}

TEST_F(Expansion, RefusesWhatItDoesNotKnow) {
  for (const auto* text :
       {"${", "${}", "${1A}", "${A B}", "${A:+x}", "${A:-${B}}", "${file:}", "${A:}"}) {
    EXPECT_TRUE(expand(text).starts_with("error: ")) << text << " became " << expand(text);
  }
}

TEST_F(Expansion, StaysBelowOneMebibyte) {
  environment_.variables["LONG"] = std::string(600'000, 'a');

  EXPECT_EQ(expand("${LONG}").size(), 600'000U);
  EXPECT_EQ(expand("${LONG}${LONG}"), "error: written out, the value is over 1MiB");
}

TEST_F(Expansion, LeavesOpenWhatIsMissingWhenSecretsAreNotLookedAt) {
  Expander expander(environment_, ".", Missing::Placeholder);

  EXPECT_TRUE(expander.expand("${MISSING}")->unresolved);
  EXPECT_TRUE(expander.expand("${file:/gone}")->unresolved);
  EXPECT_FALSE(expander.expand("${MISSING:-x}")->unresolved);
}

}  // namespace
}  // namespace sluice::config
