#include "unit/dialect/openai_chat_support.h"

namespace sluice::dialect::chat_test {
namespace {

constexpr std::string_view kHello = R"({"role":"user","content":"hello"})";

std::string body(std::string_view messages, std::string_view more = "") {
  return R"({"model":"m","messages":[)" + std::string(messages) + "]" + std::string(more) + "}";
}

TEST(ReadingAChat, JoinsNeighboursOfOneRole) {
  Asking asking;
  ASSERT_EQ(asking.read(body(R"({"role":"system","content":"a"},{"role":"developer","content":"b"},
      {"role":"user","content":"c"},{"role":"user","content":[{"type":"text","text":"d"}]},
      {"role":"user","name":"Eve","content":"e"})")),
            "");
  ASSERT_EQ(asking.conversation.turns.size(), 4U);
  EXPECT_EQ(asking.turn(0).role, Role::System);
  EXPECT_EQ(asking.turn(1).role, Role::Developer);
  ASSERT_EQ(asking.turn(2).parts.size(), 2U);
  EXPECT_EQ(asking.part<Text>(2, 1).text, "d");
  EXPECT_EQ(asking.turn(3).name, "Eve");
}

TEST(ReadingAChat, TellsWhichToolAResultIsOf) {
  Asking asking;
  ASSERT_EQ(asking.read(body(R"({"role":"assistant","content":null,"tool_calls":[
      {"id":"a","type":"function","function":{"name":"look","arguments":"{\"x\":1}"}},
      {"id":"b","type":"custom","custom":{"name":"sh","input":"ls"}}]},
      {"role":"tool","tool_call_id":"b","content":"files"},
      {"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"seen"}]})")),
            "");
  ASSERT_EQ(asking.conversation.turns.size(), 2U);
  EXPECT_EQ(asking.part<ToolCall>(0, 0).arguments, R"({"x":1})");
  EXPECT_EQ(asking.part<ToolCall>(0, 1).kind, ToolKind::Custom);
  EXPECT_EQ(asking.part<ToolCall>(0, 1).arguments, "ls");
  EXPECT_EQ(asking.part<ToolResult>(1, 0).name, "sh");
  EXPECT_EQ(asking.part<ToolResult>(1, 0).kind, ToolKind::Custom);
  EXPECT_EQ(asking.part<ToolResult>(1, 1).name, "look");
}

TEST(ReadingAChat, TellsDataFromUrlsAndFiles) {
  Asking asking;
  ASSERT_EQ(asking.read(body(R"({"role":"user","content":[
      {"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD","detail":"low"}},
      {"type":"image_url","image_url":"https://a/b.png"},
      {"type":"input_audio","input_audio":{"data":"QUJD","format":"mp3"}},
      {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,QUJD"}},
      {"type":"file","file":{"file_id":"file-1"}},
      {"type":"video_url","video_url":{"url":"https://a/b.mp4"}}]})")),
            "");
  const Media& image = asking.part<Media>(0, 0);
  EXPECT_EQ(image.source, MediaSource::Base64);
  EXPECT_EQ(image.media_type, "image/png");
  EXPECT_EQ(image.data, "QUJD");
  EXPECT_EQ(image.detail, "low");
  EXPECT_EQ(asking.part<Media>(0, 1).source, MediaSource::Url);
  EXPECT_EQ(asking.part<Media>(0, 2).media_type, "audio/mpeg");
  EXPECT_EQ(asking.part<Media>(0, 3).name, "a.pdf");
  EXPECT_EQ(asking.part<Media>(0, 4).source, MediaSource::FileId);
  EXPECT_EQ(asking.part<Media>(0, 4).of, Dialect::Chat);
  EXPECT_EQ(asking.part<Media>(0, 5).kind, MediaKind::Video);
}

TEST(ReadingAChat, TakesTheLimitThatCountsThoughts) {
  for (const std::string_view limits : {R"(,"max_tokens":5,"max_completion_tokens":9)",
                                        R"(,"max_completion_tokens":9,"max_tokens":5)"}) {
    Asking asking;
    ASSERT_EQ(asking.read(body(kHello, limits)), "");
    EXPECT_EQ(asking.conversation.max_tokens, 9);
  }
}

TEST(ReadingAChat, TellsWhatIsAskedBesides) {
  Asking asking;
  ASSERT_EQ(asking.read(body(kHello, R"(,"temperature":0.70,"stop":"x","n":2,"logprobs":true,
      "top_logprobs":3,"reasoning_effort":"low","verbosity":"high","parallel_tool_calls":false,
      "modalities":["text","audio"],"audio":{"voice":"ash","format":"mp3"},"user":null,
      "response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"a":1},
      "strict":true}},"prediction":{"type":"content","content":"y"})")),
            "");
  const Conversation& asked = asking.conversation;
  EXPECT_EQ(asked.temperature, "0.70");
  ASSERT_EQ(asked.stop.size(), 1U);
  EXPECT_EQ(asked.stop[0], "x");
  EXPECT_EQ(asked.choices, 2);
  EXPECT_EQ(asked.top_logprobs, 3);
  EXPECT_EQ(asked.reasoning.effort, "low");
  EXPECT_EQ(asked.tool_choice.parallel, false);
  EXPECT_TRUE(asked.spoken.wanted);
  EXPECT_EQ(asked.spoken.voice, "ash");
  EXPECT_EQ(asked.format.kind, OutputFormat::Kind::JsonSchema);
  EXPECT_EQ(asked.format.schema, R"({"a":1})");
  ASSERT_EQ(asked.extras.size(), 1U);
  EXPECT_EQ(asked.extras[0].name, "prediction");
  EXPECT_EQ(asked.extras[0].importance, Importance::Hint);
}

TEST(ReadingAChat, TakesEveryWayToChooseATool) {
  struct Row {
    std::string_view choice;
    ToolChoice::Kind kind;
    std::string_view name;
    std::size_t allowed;
  };
  using Kind = ToolChoice::Kind;
  for (const Row& row : {Row{R"("auto")", Kind::Auto, "", 0}, Row{R"("none")", Kind::None, "", 0},
                         Row{R"("any")", Kind::Required, "", 0},
                         Row{R"({"type":"function","function":{"name":"f"}})", Kind::Named, "f", 0},
                         Row{R"({"type":"custom","custom":{"name":"c"}})", Kind::Named, "c", 0},
                         Row{R"({"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[
            {"type":"function","function":{"name":"f"}}]}})",
                             Kind::Required, "", 1}}) {
    Asking asking;
    ASSERT_EQ(asking.read(body(kHello, ",\"tool_choice\":" + std::string(row.choice))), "");
    EXPECT_EQ(asking.conversation.tool_choice.kind, row.kind) << row.choice;
    EXPECT_EQ(asking.conversation.tool_choice.name, row.name);
    EXPECT_EQ(asking.conversation.tool_choice.allowed.size(), row.allowed);
  }
}

TEST(ReadingAChat, TakesThoughtsAsTheyAreEchoed) {
  Asking asking;
  ASSERT_EQ(asking.read(body(R"({"role":"assistant","content":"a","reasoning_content":"hm"},
      {"role":"user","content":"b"},
      {"role":"assistant","content":"c","reasoning_content":"one two","reasoning_details":[
        {"type":"reasoning.text","text":"one ","index":0},
        {"type":"reasoning.text","text":"two","index":0},
        {"type":"reasoning.text","signature":"sluice:messages:SIG","index":0},
        {"type":"reasoning.encrypted","data":"sluice:responses:ENC","id":"rs_1","index":1},
        {"type":"reasoning.encrypted","data":"OWN","format":"x","index":2}]})")),
            "");
  EXPECT_EQ(asking.part<Thinking>(0, 0).text, "hm");
  EXPECT_FALSE(asking.part<Thinking>(0, 0).signature.given());
  const Thinking& sealed = asking.part<Thinking>(2, 0);
  EXPECT_EQ(sealed.text, "one two");
  EXPECT_EQ(sealed.signature.by, Dialect::Messages);
  EXPECT_EQ(sealed.signature.text, "SIG");
  const Thinking& encrypted = asking.part<Thinking>(2, 1);
  EXPECT_EQ(encrypted.signature.by, Dialect::Responses);
  EXPECT_EQ(encrypted.signature.text, "ENC");
  EXPECT_EQ(encrypted.item_id, "rs_1");
  EXPECT_TRUE(encrypted.redacted);
  EXPECT_EQ(asking.part<Thinking>(2, 2).signature.by, Dialect::Chat);
}

TEST(ReadingAChat, TakesBlocksOfThoughtsForTheirMakers) {
  Asking asking;
  ASSERT_EQ(asking.read(body(R"({"role":"assistant","content":"a","thinking_blocks":[
      {"type":"thinking","thinking":"t","signature":"S"},
      {"type":"redacted_thinking","data":"D"}]})")),
            "");
  EXPECT_EQ(asking.part<Thinking>(0, 0).signature.by, Dialect::Messages);
  EXPECT_EQ(asking.part<Thinking>(0, 0).text, "t");
  EXPECT_TRUE(asking.part<Thinking>(0, 1).redacted);
  EXPECT_EQ(asking.part<Thinking>(0, 1).signature.text, "D");
}

TEST(ReadingAChat, RecognisesForeignSignaturesOfCalls) {
  Asking asking;
  ASSERT_EQ(asking.read(body(R"({"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f",
      "arguments":"{}"},"extra_content":{"google":{"thought_signature":"sluice:gemini:G"}}}]})")),
            "");
  const ToolCall& call = asking.part<ToolCall>(0, 0);
  EXPECT_EQ(call.signature.by, Dialect::Gemini);
  EXPECT_EQ(call.signature.text, "G");
}

TEST(ReadingAChat, NamesTheFieldAtFault) {
  struct Row {
    std::string_view messages;
    std::string_view more;
    std::string_view field;
  };
  for (const Row& row : {
           Row{"", "", "messages"},
           Row{"7", "", "messages"},
           Row{R"({"content":"x"})", "", "messages.role"},
           Row{R"({"role":"wizard","content":"x"})", "", "messages.role"},
           Row{R"({"role":"user"})", "", "messages.content"},
           Row{R"({"role":"user","content":7})", "", "messages.content"},
           Row{R"({"role":"user","content":[{"text":7,"type":"text"}]})", "", "messages.content"},
           Row{R"({"role":"tool","content":"x"})", "", "messages.tool_call_id"},
           Row{kHello, R"(,"temperature":"hot")", "temperature"},
           Row{kHello, R"(,"max_tokens":-1)", "max_tokens"},
           Row{kHello, R"(,"n":1.5)", "n"},
           Row{kHello, R"(,"stop":7)", "stop"},
           Row{kHello, R"(,"tools":{})", "tools"},
           Row{kHello, R"(,"tools":[{"type":"function"}])", "tools.type"},
           Row{kHello, R"(,"tools":[{"type":"function","function":{}}])", "tools.function.name"},
           Row{kHello, R"(,"tool_choice":"maybe")", "tool_choice"},
           Row{kHello, R"(,"response_format":7)", "response_format"},
           Row{kHello, R"(,"metadata":[])", "metadata"},
       }) {
    Asking asking;
    EXPECT_EQ(asking.read(body(row.messages, row.more)), row.field) << row.messages << row.more;
  }
}

TEST(ReadingAChat, RefusesAFieldThatStandsTwice) {
  Asking asking;
  EXPECT_NE(asking.read(body(kHello, R"(,"temperature":1,"Temperature":2)")), "");
}

TEST(ReadingAChat, TakesFunctionsForTools) {
  Asking asking;
  ASSERT_EQ(asking.read(body(R"({"role":"assistant","content":null,
      "function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"r"})",
                             R"(,"functions":[{"name":"f","parameters":{"type":"object"}}],
                             "function_call":{"name":"f"})")),
            "");
  EXPECT_EQ(asking.conversation.tools[0].name, "f");
  EXPECT_EQ(asking.conversation.tool_choice.name, "f");
  EXPECT_EQ(asking.part<ToolCall>(0, 0).id, asking.part<ToolResult>(1, 0).call_id);

  const Json written = asking.write();
  EXPECT_EQ(written["functions"][0]["name"], "f");
  EXPECT_EQ(written["function_call"], Json({{"name", "f"}}));
  EXPECT_EQ(written["messages"][0]["function_call"]["name"], "f");
  EXPECT_EQ(written["messages"][1]["role"], "function");
}

}  // namespace
}  // namespace sluice::dialect::chat_test
