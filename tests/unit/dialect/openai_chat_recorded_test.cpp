// Every recorded request is written again as it was sent.
#include "dialect/openai_completions.h"
#include "unit/dialect/openai_chat_support.h"

namespace sluice::dialect::chat_test {
namespace {

// null is as good as nothing.
void drop_nulls(Json& object) {
  for (auto at = object.begin(); at != object.end();)
    at = at->is_null() ? object.erase(at) : std::next(at);
}

// A text is a list of one part; an assistant's empty one is none.
Json parts_of(const Json& content) {
  if (content.is_array()) {
    Json parts = content;
    for (Json& part : parts) drop_nulls(part);
    return parts;
  }
  if (content.is_null() || content == "") return Json::array();
  return Json::array({{{"type", "text"}, {"text", content}}});
}

// Messages of one speaker that follow each other say the same as one message.
Json joined(const Json& messages) {
  if (messages.is_string()) return joined(Json::array({{{"role", "user"}, {"content", messages}}}));
  Json all = Json::array();
  for (Json message : messages) {
    drop_nulls(message);
    if (message.value("tool_calls", Json(1)).empty()) message.erase("tool_calls");
    message["content"] = parts_of(message.value("content", Json()));
    const std::string role = message["role"];
    const bool speaks = role == "user" || role == "assistant";
    if (speaks && !all.empty() && all.back()["role"] == role) {
      for (const Json& part : message["content"]) all.back()["content"].push_back(part);
      if (message.contains("tool_calls")) {
        for (const Json& call : message["tool_calls"]) all.back()["tool_calls"].push_back(call);
      }
    } else {
      all.push_back(message);
    }
  }
  return all;
}

// Two spellings of one request become the same.
Json plain(Json request) {
  drop_nulls(request);
  if (request.contains("messages")) request["messages"] = joined(request["messages"]);
  if (request.value("stream", true) == false) request.erase("stream");
  if (request.contains("max_completion_tokens")) {
    request["max_tokens"] = request["max_completion_tokens"];
    request.erase("max_completion_tokens");
  }
  if (request.contains("stop") && request["stop"].is_string())
    request["stop"] = Json::array({request["stop"]});
  if (request.contains("tools")) {
    for (Json& tool : request["tools"]) {
      if (!tool.contains("type")) tool["type"] = "function";  // Mistral's clients leave it out.
    }
    if (request["tools"].empty()) request.erase("tools");
  }
  return request;
}

class RecordedRequests : public testing::TestWithParam<std::string> {
 protected:
  // How the provider of this request is asked.
  static Quirks quirks_of(const Json& request) {
    Quirks quirks;
    const bool router =
        request.contains("reasoning") || request.dump().find("cache_control") != std::string::npos;
    if (router) quirks.thoughts = Quirks::Thoughts::Object;
    quirks.developer_role = request.dump().find("\"developer\"") != std::string::npos;
    if (request.contains("thinking")) quirks.thoughts = Quirks::Thoughts::Switch;
    return quirks;
  }
  static void expect_same(const ConversationDialect& dialect) {
    const std::string body = read_file(files::path(GetParam()) / "request.json");
    const Json request = Json::parse(body);
    Asking asking(dialect);
    const Quirks quirks = quirks_of(request);
    const std::string model = request.value("model", "");
    asking.wanted.model = model;
    asking.wanted.quirks = &quirks;
    asking.wanted.stream = request.value("stream", false);
    asking.wanted.ask_for_usage = request.contains("stream_options");
    asking.policy.which = DropPolicy::Which::None;
    EXPECT_EQ(plain(asking.again(body)), plain(request)) << asking.refused;
    EXPECT_TRUE(asking.dropped.empty());
    EXPECT_TRUE(asking.approximated.empty());
  }
};

class OfChat : public RecordedRequests {};
TEST_P(OfChat, AreWrittenAsTheyWereSent) {
  expect_same(chat_dialect());
}
INSTANTIATE_TEST_SUITE_P(Recorded, OfChat,
                         testing::ValuesIn(recorded("chat.completions", "request.json")),
                         case_name);

class OfCompletions : public RecordedRequests {};
TEST_P(OfCompletions, AreWrittenAsTheyWereSent) {
  // A count below 0 is refused before it is sent.
  if (GetParam().ends_with("completions-error-400-1e07e9")) {
    Asking asking(completions_dialect());
    EXPECT_EQ(asking.read(read_file(files::path(GetParam()) / "request.json")), "max_tokens");
    return;
  }
  expect_same(completions_dialect());
}
INSTANTIATE_TEST_SUITE_P(Recorded, OfCompletions,
                         testing::ValuesIn(recorded("completions", "request.json")), case_name);

TEST(TheRecordedChats, AreThere) {
  EXPECT_GE(recorded("chat.completions", "request.json").size(), 60U);
}

}  // namespace
}  // namespace sluice::dialect::chat_test
