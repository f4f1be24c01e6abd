// Every recorded answer says what it says: however it is cut, and told in every caller's dialect.
#include "dialect/conversation_dialect.h"
#include "golden/told.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sluice::golden {
namespace {

std::vector<Case> answered() {
  std::vector<Case> cases;
  for (const Case& one : all_cases()) {
    if (!one.says.is_null()) cases.push_back(one);
  }
  return cases;
}

class Answers : public testing::TestWithParam<Case> {};

TEST_P(Answers, SayWhatTheRecordingSays) {
  const Case& one = GetParam();
  const Heard heard = hear(one.dialect, one.framing, one.answer, one.answer.size());
  EXPECT_EQ(heard.says(), one.says) << heard.trouble;
  if (!heard.error) EXPECT_TRUE(heard.ended);
}

TEST_P(Answers, SayTheSameHoweverTheyAreCut) {
  const Case& one = GetParam();
  if (one.framing == Framing::None) return;  // A whole body is never read in pieces.
  const Heard whole = hear(one.dialect, one.framing, one.answer, one.answer.size());
  EXPECT_EQ(hear(one.dialect, one.framing, one.answer, 1).says(), whole.says());
  // Every boundary of short streams; of long ones four hundred, spread over them.
  constexpr std::size_t kShort = 12'000;
  const std::size_t step = one.answer.size() <= kShort ? 1 : one.answer.size() / 400;
  const Json said = whole.says();
  for (std::size_t cut = 1; cut < one.answer.size(); cut += step) {
    const Heard heard = hear_cut(one.dialect, one.framing, one.answer, cut);
    ASSERT_EQ(heard.says(), said) << "cut at " << cut;
    ASSERT_EQ(heard.seals, whole.seals) << "cut at " << cut;
    ASSERT_EQ(heard.call_ids, whole.call_ids) << "cut at " << cut;
  }
}

void expect_told(const Case& one, Dialect caller, bool stream) {
  const Told told = tell(one, caller, stream);
  const Heard& heard = told.heard;
  const Framing framing = caller == Dialect::Converse ? Framing::AwsEvents : Framing::Sse;
  const Heard again = hear(caller, stream ? framing : Framing::None, told.body, told.body.size());
  ASSERT_FALSE(again.error) << again.trouble << "\n" << told.body.substr(0, 2000);
  EXPECT_TRUE(again.ended);
  const Json expected = as_told(heard, caller);
  Json got = again.says();
  if (expected["usage"].is_null()) got["usage"] = nullptr;  // None was told; zeros may stand there.
  EXPECT_EQ(got, expected);
  EXPECT_EQ(again.call_ids, heard.call_ids);
  EXPECT_EQ(again.seals, heard.seals);
}

TEST_P(Answers, AreToldWholeInEveryCallersDialect) {
  const Case& one = GetParam();
  const Heard heard = hear(one.dialect, one.framing, one.answer, one.answer.size());
  if (heard.error) return;
  for (const Dialect caller : kCallers) {
    SCOPED_TRACE(name_of(caller));
    expect_told(one, caller, false);
  }
}

TEST_P(Answers, AreStreamedInEveryCallersDialect) {
  const Case& one = GetParam();
  const Heard heard = hear(one.dialect, one.framing, one.answer, one.answer.size());
  if (heard.error) return;
  for (const Dialect caller : kCallers) {
    SCOPED_TRACE(name_of(caller));
    expect_told(one, caller, true);
  }
}

// Chat's are JSON objects, which a caller may write in another way.
Json as_json(Json seals) {
  for (Json& seal : seals) {
    if (seal.is_array() && seal[0] == "chat") seal[1] = Json::parse(seal[1].get<std::string>());
  }
  return seals;
}

// What a caller sends back is what was said, to the letter: texts, calls with their ids, and all
// that only its maker can read.
TEST_P(Answers, ComeBackAsTheyWereSaid) {
  const Case& one = GetParam();
  const Heard heard = hear(one.dialect, one.framing, one.answer, one.answer.size());
  if (heard.error) return;
  for (const Dialect caller : kCallers) {
    SCOPED_TRACE(name_of(caller));
    const Told told = tell(one, caller, false);
    const Heard back = echoed(told, caller);
    const Json expected = as_told(told.heard, caller);
    const auto first = [](const Json& texts) { return texts.value("0", std::string()); };
    EXPECT_EQ(first(back.text), first(expected["text"]));
    EXPECT_EQ(first(back.refusal), first(expected["refusal"]));
    EXPECT_EQ(first(back.reasoning), first(expected["reasoning"]));
    EXPECT_EQ(back.tool_calls, expected["tool_calls"]);
    EXPECT_EQ(back.call_ids, told.heard.call_ids);
    EXPECT_EQ(as_json(back.signatures), as_json(told.heard.signatures));
    EXPECT_EQ(as_json(back.seals), as_json(told.heard.seals));
  }
}

INSTANTIATE_TEST_SUITE_P(Recorded, Answers, testing::ValuesIn(answered()),
                         [](const auto& info) { return test_name(info.param.name); });

}  // namespace

}  // namespace sluice::golden
