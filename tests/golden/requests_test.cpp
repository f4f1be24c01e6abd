// Every recorded request asks the same in every target's dialect, or says what it cannot ask.
#include "dialect/conversation_dialect.h"
#include "golden/essence.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>

namespace sluice::golden {
namespace {

using dialect::conversation_dialect;

std::vector<Case> asked() {
  std::vector<Case> cases;
  for (const Case& one : all_cases()) {
    // Nobody asks us in the words of the last three.
    const bool read = one.dialect != Dialect::Cohere && one.dialect != Dialect::Ollama &&
                      one.dialect != Dialect::Completions;
    if (!one.request.empty() && one.status == 200 && read) cases.push_back(one);
  }
  return cases;
}

struct Written {
  std::optional<Json> body;
  ApiError error;
  std::vector<std::string> losses;
};

class Requests : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override { read(GetParam().dialect, GetParam().request, asked_); }

  void read(Dialect dialect, std::string_view text, Conversation& to) {
    const auto root = reader_.parse(text, {.strict_up_to = std::string_view::npos});
    ASSERT_TRUE(root) << text;
    const auto done = conversation_dialect(dialect)->read(*root, arena_, to);
    ASSERT_TRUE(done) << done.error()->message;
  }

  Written write(const Conversation& conversation, Dialect target, DropPolicy::Which which) {
    dialect::Losses losses({.which = which}, arena_);
    const Case& one = GetParam();
    Quirks quirks;
    if (one.name.starts_with("openrouter/")) quirks.thoughts = Quirks::Thoughts::Object;
    if (one.name.starts_with("deepseek/")) quirks.thoughts = Quirks::Thoughts::Switch;
    const bool own = target == one.dialect;
    const dialect::Wanted wanted{.model = own ? std::string_view(one.model) : "model",
                                 .quirks = own ? &quirks : nullptr};
    const auto text = conversation_dialect(target)->write(conversation, wanted, losses, arena_);
    Written written;
    for (const auto name : losses.dropped()) written.losses.emplace_back(name);
    for (const auto name : losses.approximated()) written.losses.emplace_back(name);
    if (text) {
      written.body = Json::parse(*text, nullptr, false);
    } else {
      written.error = *text.error();
    }
    return written;
  }

  void expect_same(const Written& written, Dialect target) {
    ASSERT_TRUE(written.body) << written.error.message;
    ASSERT_FALSE(written.body->is_discarded());
    const Json wanted = essence_of(asked_);
    Conversation again;
    read(target, *texts_.insert(written.body->dump()).first, again);
    const Json got = essence_of(again);
    for (const auto& [member, value] : wanted.items()) {
      if (excused(member, written.losses)) continue;
      if (member == "pieces") continue;
      // A system's turn alone is asked as a user's, where there must be one.
      if ((member == "flow" || member == "system") && wanted["flow"].empty()) continue;
      if (member == "max_tokens" && value.is_null()) continue;  // Some must be told one.
      EXPECT_EQ(got[member], value) << member << " in " << *written.body;
    }
  }

  Arena arena_;
  json::Reader reader_;
  std::set<std::string> texts_;
  Conversation asked_;
};

bool is_read(Dialect target) {
  return target != Dialect::Cohere && target != Dialect::Ollama;
}

TEST_P(Requests, AskTheSameInEveryTargetsDialect) {
  for (const Dialect target : kTargets) {
    SCOPED_TRACE(name_of(target));
    const Written written = write(asked_, target, DropPolicy::Which::All);
    if (is_read(target)) {
      expect_same(written, target);
    } else {
      ASSERT_TRUE(written.body) << written.error.message;
      const auto missing = missing_in(*written.body, essence_of(asked_));
      const bool named = excused("flow", written.losses) || excused("tools", written.losses) ||
                         excused("stop", written.losses);
      if (!named) EXPECT_EQ(missing, std::vector<std::string>()) << *written.body;
    }
  }
}

TEST_P(Requests, AreRefusedOnlyByTheNameOfWhatCannotBeAsked) {
  for (const Dialect target : kTargets) {
    SCOPED_TRACE(name_of(target));
    const Written written = write(asked_, target, DropPolicy::Which::Hints);
    if (written.body) continue;
    EXPECT_EQ(written.error.code, "unsupported_parameter");
    EXPECT_NE(written.error.param, "");
  }
}

// Nothing is lost on the way to a provider of the caller's own dialect.
TEST_P(Requests, LoseNothingInTheirOwnDialect) {
  const Written written = write(asked_, GetParam().dialect, DropPolicy::Which::None);
  ASSERT_TRUE(written.body) << written.error.message;
  EXPECT_EQ(written.losses, std::vector<std::string>());
  expect_same(written, GetParam().dialect);
}

INSTANTIATE_TEST_SUITE_P(Recorded, Requests, testing::ValuesIn(asked()),
                         [](const auto& info) { return test_name(info.param.name); });

}  // namespace
}  // namespace sluice::golden
