#include "dialect/openai_responses.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace sluice::dialect {
namespace {

using Json = nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class ResponsesRequests : public testing::Test {
 protected:
  const Conversation& read(std::string_view body) {
    const std::string_view kept = arena_.keep(body);
    const auto root = reader_.parse(kept);
    EXPECT_TRUE(root) << body;
    conversation_ = {};
    const auto read = responses_dialect().read(*root, arena_, conversation_);
    EXPECT_TRUE(read) << (read ? "" : read.error()->message);
    return conversation_;
  }
  // The field at fault.
  std::string fault(std::string_view body) {
    const auto root = reader_.parse(arena_.keep(body));
    const auto read = responses_dialect().read(*root, arena_, conversation_);
    return read ? "" : read.error()->param;
  }
  Json write(const Conversation& conversation) {
    const auto written =
        responses_dialect().write(conversation, {.model = "m", .facts = facts_}, losses_, arena_);
    if (!written) return {{"refused", written.error()->param}};
    return Json::parse(*written);
  }
  Conversation with(std::span<const Part> parts, Role role = Role::User) {
    Conversation asked;
    asked.turns = arena_.array_of(Turn{.role = role, .parts = parts});
    return asked;
  }
  template <class Kind>
  static const Kind& as(const Part& part) {
    return std::get<Kind>(part.what);
  }

  Arena arena_;
  json::Reader reader_;
  Conversation conversation_;
  Losses losses_{{.which = DropPolicy::Which::Hints}, arena_};
  const ModelFacts* facts_ = nullptr;
};

TEST_F(ResponsesRequests, MakeOneTurnOfNeighbours) {
  const Conversation& asked = read(R"({"model":"m","instructions":"Be brief.","input":[
      {"role":"user","content":"Hi"},
      {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm"}],"encrypted_content":"gAAA"},
      {"role":"assistant","content":[{"type":"output_text","text":"Wait."}]},
      {"type":"function_call","call_id":"c1","name":"f","arguments":"{}","id":"fc_1"},
      {"type":"function_call_output","call_id":"c1","output":"4"},
      {"type":"message","role":"user","content":[{"type":"input_text","text":"And?"}]}]})");

  ASSERT_EQ(asked.turns.size(), 5U);
  EXPECT_EQ(asked.turns[0].role, Role::System);
  const auto answer = asked.turns[2].parts;
  ASSERT_EQ(answer.size(), 3U);
  EXPECT_EQ(as<Thinking>(answer[0]).signature.text, "gAAA");
  EXPECT_TRUE(as<Thinking>(answer[0]).summary);
  EXPECT_EQ(as<ToolCall>(answer[2]).item_id, "fc_1");
  EXPECT_EQ(asked.turns[3].role, Role::Tool);
  EXPECT_EQ(as<ToolResult>(asked.turns[3].parts[0]).name, "f");
}

TEST_F(ResponsesRequests, BringForeignSealsBackToTheirMaker) {
  const Conversation& asked = read(R"({"model":"m","input":[
      {"type":"reasoning","summary":[{"type":"summary_text","text":"Hm"}],"encrypted_content":"sluice:messages:EqAB"},
      {"type":"reasoning","summary":[],"encrypted_content":"call/sluice:gemini:Ci"},
      {"type":"function_call","call_id":"c1","name":"f","arguments":"{}"}]})");

  ASSERT_EQ(asked.turns.size(), 1U);
  ASSERT_EQ(asked.turns[0].parts.size(), 2U);
  const auto& thought = as<Thinking>(asked.turns[0].parts[0]);
  EXPECT_EQ(thought.signature.by, Dialect::Messages);
  EXPECT_EQ(thought.signature.text, "EqAB");
  const auto& call = as<ToolCall>(asked.turns[0].parts[1]);
  EXPECT_EQ(call.signature.by, Dialect::Gemini);
  EXPECT_EQ(call.signature.text, "Ci");

  const Json written = write(asked);
  EXPECT_EQ(written.at("input").size(), 1U);
  EXPECT_THAT(losses_.dropped(), ElementsAre("reasoning"));
}

TEST_F(ResponsesRequests, ReadMediaByTheirSource) {
  const Conversation& asked = read(R"({"model":"m","input":[{"role":"user","content":[
      {"type":"input_image","image_url":"data:image/png;base64,iVBO","detail":"low"},
      {"type":"input_image","file_id":"file-1"},
      {"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"},
      {"type":"input_file","file_url":"https://x/a.pdf"},
      {"type":"input_audio","input_audio":{"data":"UklG","format":"mp3"}}]}]})");

  const auto parts = asked.turns[0].parts;
  ASSERT_EQ(parts.size(), 5U);
  EXPECT_EQ(as<Media>(parts[0]).source, MediaSource::Base64);
  EXPECT_EQ(as<Media>(parts[0]).media_type, "image/png");
  EXPECT_EQ(as<Media>(parts[0]).detail, "low");
  EXPECT_EQ(as<Media>(parts[1]).source, MediaSource::FileId);
  EXPECT_EQ(as<Media>(parts[2]).kind, MediaKind::Document);
  EXPECT_EQ(as<Media>(parts[2]).data, "JVBE");
  EXPECT_EQ(as<Media>(parts[3]).source, MediaSource::Url);
  EXPECT_EQ(as<Media>(parts[4]).media_type, "audio/mpeg");
}

TEST_F(ResponsesRequests, ComeBackAsTheyWere) {
  constexpr std::string_view body = R"({"model":"m","instructions":"Be brief.","input":[
      {"role":"user","content":[{"type":"input_text","text":"Hi","prompt_cache_breakpoint":{"mode":"explicit"}},
        {"type":"input_image","image_url":"https://x/a.png","detail":"auto"},
        {"type":"input_audio","input_audio":{"data":"UklG","format":"mp3"}}]},
      {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"A"},{"type":"summary_text","text":"B"}],"encrypted_content":"gAAA"},
      {"type":"message","id":"msg_1","role":"assistant","status":"completed","phase":"commentary",
        "content":[{"type":"output_text","text":"One","annotations":[{"type":"url_citation","url":"u","title":"t","start_index":0,"end_index":3}]}]},
      {"type":"message","id":"msg_2","role":"assistant","status":"incomplete","content":[{"type":"refusal","refusal":"No"}]},
      {"type":"custom_tool_call","id":"ctc_1","call_id":"c1","name":"patch","input":"*** Begin"},
      {"type":"custom_tool_call_output","call_id":"c1","output":"ok"},
      {"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"q"}},
      {"type":"function_call","call_id":"c2","name":"mcp_call","namespace":"mcp","arguments":"{\"a\":1.0}"},
      {"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"x"},{"type":"input_image","image_url":"data:image/png;base64,iVBO"}]},
      {"type":"item_reference","id":"msg_9"}],
      "tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":false,"defer_loading":true},
        {"type":"custom","name":"patch","description":"d","format":{"type":"grammar","syntax":"lark","definition":"start: x"}},
        {"type":"web_search","search_context_size":"low"},{"type":"mcp","server_label":"s","server_url":"https://x"}],
      "tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"},{"type":"custom","name":"patch"},{"type":"web_search"},{"type":"mcp","server_label":"s"}]},
      "parallel_tool_calls":false,"text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true},"verbosity":"low"},
      "reasoning":{"effort":"xhigh","summary":"detailed","context":"all_turns"},"max_output_tokens":100,
      "temperature":0.10,"top_p":1.0,"top_logprobs":3,"include":["message.output_text.logprobs"],"store":false,
      "metadata":{"a":"b"},"user":"u","safety_identifier":"s","prompt_cache_key":"k","prompt_cache_retention":"24h",
      "service_tier":"flex","truncation":"auto","previous_response_id":"resp_1","max_tool_calls":3,"background":true})";

  Json expected = Json::parse(body);
  Json written = write(read(body));

  for (Json& item : written["input"]) {
    for (Json& part : item.value("content", Json::array())) part.erase("annotations");
  }
  EXPECT_EQ(written, expected);
  EXPECT_THAT(losses_.dropped(), IsEmpty());
  EXPECT_THAT(losses_.approximated(), IsEmpty());
}

TEST_F(ResponsesRequests, TellWhatOthersMayLeaveOut) {
  const Conversation& asked =
      read(R"({"model":"m","input":"Hi","truncation":"auto","background":false,
      "previous_response_id":"resp_1","text":{"odd":1},"client_metadata":{}})");

  Losses losses({.which = DropPolicy::Which::All}, arena_);
  ASSERT_TRUE(losses.extras(asked.extras, Dialect::Chat));
  EXPECT_THAT(losses.dropped(),
              testing::UnorderedElementsAre("truncation", "background", "previous_response_id",
                                            "text.odd", "client_metadata"));
  Losses hints({.which = DropPolicy::Which::Hints}, arena_);
  const auto refused = hints.extras(asked.extras, Dialect::Chat);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error()->param, "previous_response_id");
}

TEST_F(ResponsesRequests, NameTheFieldAtFault) {
  EXPECT_EQ(fault(R"({"input":7})"), "input");
  EXPECT_EQ(fault(R"({"input":[{"role":"robot","content":"x"}]})"), "input[0].role");
  EXPECT_EQ(
      fault(R"({"input":[{"role":"user","content":"x"},{"type":"function_call","name":"f"}]})"),
      "input[1].call_id");
  EXPECT_EQ(fault(R"({"input":[{"role":"user","content":[{"type":"input_text","text":7}]}]})"),
            "input[0].content.text");
  EXPECT_EQ(fault(R"({"input":"x","temperature":"hot"})"), "temperature");
  EXPECT_EQ(fault(R"({"input":"x","tools":[{"type":"function"}]})"), "tools[0].name");
  EXPECT_EQ(fault(R"({"input":"x","tool_choice":"some"})"), "tool_choice");
  EXPECT_EQ(fault(R"({"input":"x","text":{"format":{"type":"xml"}}})"), "text.format.type");
  EXPECT_EQ(fault(R"({"input":"x","temperature":null,"tools":null,"text":null})"), "");
}

// ---- What other dialects ask

TEST_F(ResponsesRequests, SayNoToStrictToolsThatNobodyAskedFor) {
  Conversation asked;
  asked.tools = arena_.array_of(Tool{.name = "f", .parameters = R"({"type":"object"})"});

  EXPECT_EQ(write(asked).at("tools").at(0).at("strict"), false);
}

TEST_F(ResponsesRequests, LeaveOutThoughtsThatOpenAiDidNotSeal) {
  const std::vector<Part> parts{
      {.what = Thinking{.text = "Hm", .signature = {Dialect::Messages, "EqAB"}}},
      {.what = Thinking{.text = "unsealed"}},
      {.what = Thinking{.text = "told here", .item_id = "rs_req1_0"}},
      {.what = Text{"Hi"}}};

  const Json written = write(with(parts, Role::Assistant));

  EXPECT_EQ(written.at("input"), Json::parse(R"([{"role":"assistant","content":"Hi"}])"));
  EXPECT_THAT(losses_.dropped(), ElementsAre("reasoning"));
}

TEST_F(ResponsesRequests, LeaveOutIdsOfAnswersThatOpenAiNeverGave) {
  const Json written = write(read(R"({"model":"m","input":[
      {"type":"message","id":"msg_req1_0","role":"assistant","status":"completed",
       "content":[{"type":"output_text","text":"Hi","annotations":[]}]},
      {"type":"function_call","id":"fc_req1_1","call_id":"c1","name":"f","arguments":"{}"}]})"));

  EXPECT_EQ(written.at("input"), Json::parse(R"([{"role":"assistant","content":"Hi"},
      {"type":"function_call","call_id":"c1","name":"f","arguments":"{}"}])"));
}

TEST_F(ResponsesRequests, AskForThoughtsOfModelsThatThinkOnly) {
  Conversation asked;
  asked.reasoning = {.kind = Reasoning::Kind::Budget, .budget = 4000, .shown = true};
  const ModelFacts plain;
  facts_ = &plain;
  EXPECT_FALSE(write(asked).contains("reasoning"));
  EXPECT_THAT(losses_.dropped(), Contains("reasoning"));

  ModelFacts thinking;
  thinking.abilities.add(Ability::Reasoning);
  facts_ = &thinking;
  EXPECT_EQ(write(asked).at("reasoning"), Json({{"effort", "low"}, {"summary", "auto"}}));
  asked.reasoning = {.kind = Reasoning::Kind::Off};
  EXPECT_EQ(write(asked).at("reasoning"), Json({{"effort", "none"}}));
}

TEST_F(ResponsesRequests, AskForSealedThoughtsWhereNothingIsKept) {
  ModelFacts thinking;
  thinking.abilities.add(Ability::Reasoning);
  facts_ = &thinking;
  Conversation asked;
  asked.store = false;

  EXPECT_EQ(write(asked).at("include"), Json::array({"reasoning.encrypted_content"}));
}

TEST_F(ResponsesRequests, RefuseWhatWouldChangeTheAnswer) {
  Conversation asked;
  asked.choices = 2;
  EXPECT_EQ(write(asked).at("refused"), "n");
  asked = {};
  const std::vector<std::string_view> stop{"END"};
  asked.stop = stop;
  EXPECT_EQ(write(asked).at("refused"), "stop");
  const std::vector<Part> video{
      {.what = Media{.kind = MediaKind::Video, .source = MediaSource::Url, .data = "https://x"}}};
  EXPECT_EQ(write(with(video)).at("refused"), "messages.content");
}

TEST_F(ResponsesRequests, DropHintsByName) {
  Conversation asked;
  asked.top_k = "5";
  asked.seed = "1";
  asked.max_tokens = 1;

  EXPECT_EQ(write(asked).at("max_output_tokens"), 16);
  EXPECT_THAT(losses_.dropped(), ElementsAre("top_k", "seed"));
  EXPECT_THAT(losses_.approximated(), ElementsAre("max_tokens"));
}

TEST_F(ResponsesRequests, AnswerCustomToolsInKind) {
  const std::vector<Part> texts{{.what = Text{"ok"}}};
  const std::vector<Part> parts{
      {.what = ToolResult{.call_id = "c1", .name = "patch", .parts = texts}}};
  Conversation asked = with(parts);
  asked.tools = arena_.array_of(Tool{.kind = ToolKind::Custom, .name = "patch"});

  EXPECT_EQ(write(asked).at("input"),
            Json::parse(R"([{"type":"custom_tool_call_output","call_id":"c1","output":"ok"}])"));
}

}  // namespace
}  // namespace sluice::dialect
