// Every recorded answer says what it says: however it is cut, and told in every caller's dialect.
#include "dialect/conversation_dialect.h"
#include "golden/heard.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

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
  // Every boundary of short streams; of long ones a hundred, spread over them.
  const std::size_t step = std::max<std::size_t>(1, one.answer.size() / 100);
  for (std::size_t cut = 1; cut < one.answer.size(); cut += step) {
    const Heard heard = hear_cut(one.dialect, one.framing, one.answer, cut);
    ASSERT_EQ(heard.says(), whole.says()) << "cut at " << cut;
    ASSERT_EQ(heard.seals, whole.seals) << "cut at " << cut;
    ASSERT_EQ(heard.call_ids, whole.call_ids) << "cut at " << cut;
  }
}

// What a caller's dialect can say of what was heard.
Json as_told(const Heard& heard, Dialect caller) {
  Json told = heard.says();
  const bool has_choices = caller == Dialect::Chat || caller == Dialect::Gemini;
  for (const char* field : {"text", "reasoning", "refusal", "finish"}) {
    for (auto it = told[field].begin(); it != told[field].end();) {
      it = !has_choices && it.key() != "0" ? told[field].erase(it) : std::next(it);
    }
  }
  return told;
}

// How finish reasons look after a way through a caller's dialect that has fewer of them.
Json finishes(const Json& finish, Dialect caller) {
  Json told = finish;
  for (Json& reason : told) {
    const std::string said = reason.get<std::string>();
    if (caller != Dialect::Messages) {
      if (said == "stop_sequence" || said == "pause") reason = "stop";
      if (said == "context_length") reason = "length";
      if (said == "refusal") reason = "content_filter";
    } else if (said == "content_filter") {
      reason = "refusal";
    }
    if (said == "other") reason = "stop";
  }
  return told;
}

void expect_told(const Case& one, const Heard& heard, Dialect caller, bool stream) {
  const Told told = tell(one, caller, stream);
  const Framing framing = caller == Dialect::Converse ? Framing::AwsEvents : Framing::Sse;
  const Heard again = hear(caller, stream ? framing : Framing::None, told.body, told.body.size());
  ASSERT_FALSE(again.error) << again.trouble << "\n" << told.body.substr(0, 2000);
  const Json expected = as_told(heard, caller);
  const Json got = again.says();
  EXPECT_EQ(got["text"], expected["text"]);
  EXPECT_EQ(got["tool_calls"], expected["tool_calls"]);
  EXPECT_EQ(got["reasoning"], expected["reasoning"]);
  EXPECT_EQ(finishes(got["finish"], caller), finishes(expected["finish"], caller));
  if (!expected["usage"].is_null()) {
    for (const char* kind : {"input", "output", "cached"}) {
      EXPECT_EQ(got["usage"][kind], expected["usage"][kind]) << kind;
    }
  }
  EXPECT_EQ(again.seals, heard.seals);
}

TEST_P(Answers, AreToldWholeInEveryCallersDialect) {
  const Case& one = GetParam();
  const Heard heard = hear(one.dialect, one.framing, one.answer, one.answer.size());
  if (heard.error) return;
  for (const Dialect caller : kCallers) {
    SCOPED_TRACE(name_of(caller));
    expect_told(one, heard, caller, false);
  }
}

TEST_P(Answers, AreStreamedInEveryCallersDialect) {
  const Case& one = GetParam();
  const Heard heard = hear(one.dialect, one.framing, one.answer, one.answer.size());
  if (heard.error) return;
  for (const Dialect caller : kCallers) {
    SCOPED_TRACE(name_of(caller));
    expect_told(one, heard, caller, true);
  }
}

INSTANTIATE_TEST_SUITE_P(Recorded, Answers, testing::ValuesIn(answered()),
                         [](const auto& info) { return test_name(info.param.name); });

}  // namespace

void PrintTo(const Case& one, std::ostream* out) {
  *out << one.name;
}

}  // namespace sluice::golden
