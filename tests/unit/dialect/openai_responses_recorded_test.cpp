// Every recorded request and answer of the Responses API goes through our own words and comes out
// as it went in.
#include "dialect/openai_responses_parts.h"
#include "unit/dialect/openai_responses_support.h"

namespace sluice::dialect::responses_test {
namespace {

// ---- Requests

// Other spellings of the same, which our words do not tell apart:
// - null, and an empty description, annotations or logprobs: not given;
// - "stream": false, "status": "completed", "type": "message": what goes without saying;
// - an input, or a message's content, that is one text: a list of that one;
// - a system message at the front: the instructions.
Json plain(Json value);

Json plain_members(const Json& object) {
  Json result = Json::object();
  for (const auto& [name, member] : object.items()) {
    const bool empty = (name == "description" && member == "") ||
                       ((name == "annotations" || name == "logprobs") && member.empty());
    const bool said = (name == "stream" && member == false) ||
                      (name == "status" && member == "completed") ||
                      (name == "type" && member == "message");
    if (!member.is_null() && !empty && !said) result[name] = plain(member);
  }
  if (result.contains("role") && result.contains("content") && result["content"].is_string()) {
    const bool assistant = result["role"] == "assistant";
    result["content"] = Json::array(
        {{{"type", assistant ? "output_text" : "input_text"}, {"text", result["content"]}}});
  }
  return result;
}

Json plain(Json value) {
  if (value.is_object()) return plain_members(value);
  if (value.is_array()) {
    for (Json& element : value) element = plain(element);
  }
  return value;
}

Json plain_request(Json request) {
  if (request["input"].is_string())
    request["input"] = Json::array({{{"role", "user"}, {"content", request["input"]}}});
  Json& input = request["input"];
  if (!request.contains("instructions") && !input.empty() &&
      input[0].value("role", "") == "system") {
    request["instructions"] = input[0]["content"];
    input.erase(0);
  }
  return plain(request);
}

class RecordedRequest : public testing::TestWithParam<std::string> {};

TEST_P(RecordedRequest, IsWrittenAsItWasRead) {
  const std::string text = read_file(folder_of(GetParam()) / "request.json");
  const Json request = Json::parse(text);
  Arena arena;
  json::Reader reader;
  const auto root = reader.parse(text);
  ASSERT_TRUE(root);
  Conversation conversation;
  const auto read = responses_dialect().read(*root, arena, conversation);
  ASSERT_TRUE(read) << read.error()->message;
  Losses losses({.which = DropPolicy::Which::None}, arena);

  const auto written =
      responses_dialect().write(conversation,
                                {.model = arena.keep(request["model"].get<std::string>()),
                                 .stream = request.value("stream", false)},
                                losses, arena);

  ASSERT_TRUE(written) << written.error()->message;
  EXPECT_EQ(plain_request(Json::parse(*written)), plain_request(request));
  EXPECT_TRUE(losses.dropped().empty());
  EXPECT_TRUE(losses.approximated().empty());
}
INSTANTIATE_TEST_SUITE_P(All, RecordedRequest, testing::ValuesIn(recorded("request.json")),
                         case_name);

// ---- Answers

class RecordedStream : public testing::TestWithParam<std::string> {
 protected:
  std::string stream_ = read_file(folder_of(GetParam()) / "stream.sse");
};

TEST_P(RecordedStream, SaysTheSameHoweverItIsCut) {
  std::string failure;
  const Heard whole = hear_stream(stream_, {stream_.size()}, &failure);
  std::vector<std::size_t> bytes;
  for (std::size_t at = 1; at <= stream_.size(); ++at) bytes.push_back(at);

  EXPECT_EQ(hear_stream(stream_, bytes, &failure), whole);
  if (failure.empty()) {
    EXPECT_FALSE(whole.id.empty());
    EXPECT_FALSE(whole.model.empty());
    EXPECT_GT(whole.created, 0);
    EXPECT_EQ(whole.stops.size(), 1U);
    EXPECT_GT(whole.usage.output, 0);
  }
  // Every boundary near the ends of lines and every few bytes elsewhere.
  for (std::size_t cut = 1; cut < stream_.size();
       cut += stream_[cut] == '\n' ? 1 : 1 + stream_.size() / 64) {
    ASSERT_EQ(hear_stream(stream_, {cut, stream_.size()}, &failure), whole) << "cut at " << cut;
  }
}

// Thoughts are encrypted anew each time they are told.
Heard without_seals(Heard heard) {
  for (Json& one : heard.said) {
    if (one["kind"] == "seal") one["text"] = "";
  }
  return heard;
}

// The finished items that its last event holds say the same as those that told them.
TEST_P(RecordedStream, SaysTheSameAsItsWholeAnswer) {
  const std::size_t last = stream_.rfind("data: {");
  const Json end = Json::parse(stream_.substr(last + 6, stream_.find('\n', last) - last - 6));
  if (end.at("type") == "response.failed") {
    std::string failure;
    hear_stream(stream_, {stream_.size()}, &failure);
    EXPECT_EQ(failure, "upstream_rate_limited");
    return;
  }

  EXPECT_EQ(without_seals(hear_stream(stream_, {stream_.size()})),
            without_seals(hear_body(end.at("response").dump())));
}
INSTANTIATE_TEST_SUITE_P(All, RecordedStream, testing::ValuesIn(recorded("stream.sse")), case_name);

// What an encoder of this dialect makes of an answer.
std::string written(std::string_view body, bool stream) {
  Arena arena;
  json::Reader reader;
  const auto decoder = responses_dialect().decoder(arena, reader);
  Meaning meaning;
  EXPECT_TRUE(decoder->body(body, &meaning));
  const auto encoder =
      responses_dialect().encoder(arena, {.stream = stream, .id = "req-1", .model = "m", .now = 9});
  std::string out;
  encoder->say(meaning.events, out);
  encoder->end(out);
  return out;
}

class RecordedAnswer : public testing::TestWithParam<std::string> {};

TEST_P(RecordedAnswer, IsSaidAgainWholeAndAsAStream) {
  const std::string body = read_file(folder_of(GetParam()) / "response.json");
  const Heard said = hear_body(body);
  EXPECT_FALSE(said.said.empty());

  EXPECT_EQ(hear_body(written(body, false)), said);
  const std::string stream = written(body, true);
  EXPECT_EQ(hear_stream(stream, {stream.size()}), said);
}
INSTANTIATE_TEST_SUITE_P(All, RecordedAnswer, testing::ValuesIn(recorded("response.json")),
                         case_name);

}  // namespace
}  // namespace sluice::dialect::responses_test
