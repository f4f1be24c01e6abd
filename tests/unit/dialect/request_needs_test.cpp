#include "dialect/request_needs.h"

#include "dialect/translate.h"
#include "support/fake_clock.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <ostream>
#include <string>

namespace sluice {

// The names of what a failed expectation is about.
void PrintTo(const Abilities& abilities, std::ostream* out) {
  *out << "{ ";
  for (std::size_t i = 0; i < kAbilities; ++i) {
    const auto ability = static_cast<Ability>(i);
    if (abilities.has(ability)) *out << dialect::ability_word(ability) << ' ';
  }
  *out << '}';
}

}  // namespace sluice

namespace sluice::dialect {
namespace {

constexpr Abilities kNothing;

Abilities all_of(std::initializer_list<Ability> abilities) {
  Abilities all;
  for (const Ability ability : abilities) all.add(ability);
  return all;
}

// A body, its possible needs, those that are told, and those of its conversation.
struct Asked {
  Asked(Operation operation, std::string_view body) {
    request.operation = operation;
    request.json.text = body;
    possible = possible_needs(body, request.dialect());
    told = needs_of(context, request, possible);
    was_read = request.conversation != nullptr;
    EXPECT_TRUE(read_conversation(context, request)) << body;
    if (request.conversation) truth = needs_of(*request.conversation, request.dialect());
  }

  FakeClock clock;
  Arena arena;
  Arena draft;
  Context context{arena, draft, clock};
  Request request;
  Abilities possible;
  Abilities told;
  Abilities truth;
  bool was_read = false;
};

void expect_needs(Operation operation, std::string_view body, Abilities needs) {
  const Asked asked(operation, body);
  EXPECT_EQ(asked.told, needs) << body;
  EXPECT_EQ(asked.truth, needs) << body;
  EXPECT_EQ(asked.possible.bits() & needs.bits(), needs.bits()) << body;
}

// A chat with these members besides its messages.
std::string chat(std::string_view members) {
  return R"({"model":"m","messages":[{"role":"user","content":"Hi"}])" + std::string(members) + "}";
}

std::string chat_with(std::string_view part) {
  return R"({"messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},)" +
         std::string(part) + "]}]}";
}

constexpr std::string_view kTool =
    R"({"type":"function","function":{"name":"f","parameters":{"type":"object"}}})";

TEST(RequestNeeds, OfAPlainChatAreNoneWithoutReadingIt) {
  const std::string body =
      chat(R"(,"temperature":0.5,"max_tokens":100,"stream":true,"n":1)"
           R"(,"tools":[],"logprobs":false,"response_format":{"type":"text"})");
  const Asked asked(Operation::Chat, body);

  EXPECT_EQ(asked.possible, kNothing);
  EXPECT_FALSE(asked.was_read);
  EXPECT_EQ(asked.truth, kNothing);
}

TEST(RequestNeeds, AreNotWhatAUserTalksAbout) {
  const std::string body = chat(R"(,"user":"x")");
  std::string talk = body;
  talk.replace(talk.find("Hi"), 2, R"(Write {\"tools\": [1], \"image_url\": \"x\", \"n\": 2})");

  EXPECT_EQ(Asked(Operation::Chat, talk).possible, kNothing);
}

TEST(RequestNeeds, OfAUserWhoSaysNothingButAMarkerAreReadExactly) {
  const std::string body = R"({"messages":[{"role":"user","content":"tools"}]})";
  const Asked asked(Operation::Chat, body);

  EXPECT_EQ(asked.possible, all_of({Ability::Tools}));
  EXPECT_EQ(asked.told, kNothing);
}

TEST(RequestNeeds, OfAChat) {
  const std::string tools = R"(,"tools":[)" + std::string(kTool) + "]";
  expect_needs(Operation::Chat, chat(tools), all_of({Ability::Tools}));
  expect_needs(Operation::Chat, chat(tools + R"(,"parallel_tool_calls":true)"),
               all_of({Ability::Tools, Ability::ParallelTools}));
  expect_needs(Operation::Chat, chat(R"(,"functions":[{"name":"f"}])"), all_of({Ability::Tools}));
  expect_needs(Operation::Chat, chat(R"(,"response_format":{"type":"json_object"})"),
               all_of({Ability::JsonObject}));
  expect_needs(
      Operation::Chat,
      chat(R"(,"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{}}})"),
      all_of({Ability::JsonSchema}));
  expect_needs(Operation::Chat, chat(R"(,"n" : 2)"), all_of({Ability::Choices}));
  expect_needs(Operation::Chat, chat(R"(,"n":10)"), all_of({Ability::Choices}));
  expect_needs(Operation::Chat, chat(R"(,"logprobs":true,"top_logprobs":2)"),
               all_of({Ability::Logprobs}));
  expect_needs(Operation::Chat, chat(R"(,"reasoning_effort":"high")"),
               all_of({Ability::Reasoning}));
  expect_needs(Operation::Chat, chat(R"(,"modalities":["text","audio"],"audio":{"voice":"a"})"),
               all_of({Ability::AudioOut}));
  expect_needs(Operation::Chat, chat(R"(,"modalities":["text","image"])"),
               all_of({Ability::ImagesOut}));
}

TEST(RequestNeeds, OfMediaInAChat) {
  expect_needs(Operation::Chat,
               chat_with(R"({"type":"image_url","image_url":{"url":"https://a/b.png"}})"),
               all_of({Ability::ImagesIn}));
  expect_needs(Operation::Chat,
               chat_with(R"({"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}})"),
               all_of({Ability::AudioIn}));
  expect_needs(
      Operation::Chat,
      chat_with(
          R"({"type":"file","file":{"file_data":"data:application/pdf;base64,AAAA","filename":"a.pdf"}})"),
      all_of({Ability::DocumentsIn}));
  expect_needs(Operation::Chat,
               chat_with(R"({"type":"video_url","video_url":{"url":"https://a/b.mp4"}})"),
               all_of({Ability::VideoIn}));
}

TEST(RequestNeeds, OfToolsThatMustNotBeCalledAreNone) {
  const std::string body = chat(R"(,"tools":[)" + std::string(kTool) + R"(],"tool_choice":"none")");
  const Asked asked(Operation::Chat, body);

  EXPECT_TRUE(asked.possible.has(Ability::Tools));
  EXPECT_EQ(asked.told, kNothing);
}

TEST(RequestNeeds, OfACompletion) {
  expect_needs(Operation::Completions, R"({"prompt":"Once","max_tokens":5})", kNothing);
  expect_needs(Operation::Completions, R"({"prompt":"Once","logprobs":0,"n":3})",
               all_of({Ability::Logprobs, Ability::Choices}));
}

TEST(RequestNeeds, OfAResponse) {
  expect_needs(Operation::Responses, R"({"input":"Hi","instructions":"Be kind."})", kNothing);
  expect_needs(
      Operation::Responses,
      R"({"input":[{"role":"user","content":[{"type":"input_image","image_url":"https://a/b.png"}]}],
          "tools":[{"type":"function","name":"f","parameters":{}}],
          "text":{"format":{"type":"json_schema","name":"s","schema":{}}}})",
      all_of({Ability::ImagesIn, Ability::Tools, Ability::JsonSchema}));
  expect_needs(Operation::Responses, R"({"input":"Hi","tools":[{"type":"web_search"}]})", kNothing);
  expect_needs(Operation::Responses, R"({"input":"Hi","include":["message.output_text.logprobs"]})",
               all_of({Ability::Logprobs}));
  expect_needs(Operation::Responses, R"({"input":"Hi","reasoning":{"effort":"none"}})", kNothing);
}

TEST(RequestNeeds, OfAMessage) {
  expect_needs(Operation::Messages,
               R"({"max_tokens":9,"messages":[{"role":"user","content":"Hi"}]})", kNothing);
  expect_needs(
      Operation::Messages,
      R"({"max_tokens":9,"tools":[{"name":"user","input_schema":{"type":"object","properties":{"user":{}}}}],
          "messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64",
          "media_type":"image/png","data":"AAAA"}},{"type":"document","source":{"type":"url",
          "url":"https://a/b.pdf"}}]}]})",
      all_of({Ability::Tools, Ability::ImagesIn, Ability::DocumentsIn}));
  expect_needs(Operation::Messages,
               R"({"max_tokens":9,"thinking":{"type":"enabled","budget_tokens":1024},
                   "messages":[{"role":"user","content":"Hi"}]})",
               all_of({Ability::Reasoning}));
  expect_needs(Operation::Messages,
               R"({"max_tokens":9,"output_config":{"format":{"type":"json_schema","schema":{}}},
                   "messages":[{"role":"user","content":"Hi"}]})",
               all_of({Ability::JsonSchema}));
}

TEST(RequestNeeds, OfPicturesThatToolsGaveAreThoseOfPictures) {
  expect_needs(Operation::Messages,
               R"({"max_tokens":9,"messages":[{"role":"user","content":"Hi"},
          {"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},
          {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[
          {"type":"image","source":{"type":"url","url":"https://a/b.png"}}]}]}]})",
               all_of({Ability::ImagesIn}));
}

TEST(RequestNeeds, OfAnAnswerThatIsBegunAreToGoOn) {
  const std::string begun =
      R"({"max_tokens":9,"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"{"}]})";
  expect_needs(Operation::Messages, begun, all_of({Ability::Prefill}));
  expect_needs(Operation::Messages,
               R"({"max_tokens":9,"messages":[{"role":"user","content":"Hi"},
                   {"role":"assistant","content":"Hi"},{"role":"user","content":"How?"}]})",
               kNothing);
  expect_needs(Operation::Converse,
               R"({"messages":[{"role":"user","content":[{"text":"Hi"}]},
                   {"role":"assistant","content":[{"text":"{"}]}]})",
               all_of({Ability::Prefill}));
  // OpenAI's models make another turn of it, unless its neighbours are told otherwise.
  expect_needs(
      Operation::Chat,
      R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"{"}]})",
      kNothing);
  expect_needs(
      Operation::Chat,
      R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"{","prefix":true}]})",
      all_of({Ability::Prefill}));
}

TEST(RequestNeeds, OfContentToGenerate) {
  expect_needs(Operation::GenerateContent,
               R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}],
                   "generationConfig":{"temperature":1,"candidateCount":1}})",
               kNothing);
  expect_needs(
      Operation::GenerateContent,
      R"({"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"audio/wav","data":"AAAA"}},
          {"inline_data":{"mime_type":"image/png","data":"AAAA"}},
          {"fileData":{"mimeType":"video/mp4","fileUri":"https://a/b"}}]}],
          "tools":[{"functionDeclarations":[{"name":"f"}]}],
          "generationConfig":{"responseMimeType":"application/json","candidateCount":2,
          "responseLogprobs":true,"responseModalities":["TEXT","IMAGE"]}})",
      all_of({Ability::AudioIn, Ability::ImagesIn, Ability::VideoIn, Ability::Tools,
              Ability::JsonObject, Ability::Choices, Ability::Logprobs, Ability::ImagesOut}));
  expect_needs(Operation::GenerateContent,
               R"({"contents":[{"parts":[{"text":"Hi"}]}],"tools":[{"googleSearch":{}}]})",
               kNothing);
}

TEST(RequestNeeds, OfAConverseRequest) {
  expect_needs(Operation::Converse, R"({"messages":[{"role":"user","content":[{"text":"Hi"}]}]})",
               kNothing);
  expect_needs(
      Operation::Converse,
      R"({"messages":[{"role":"user","content":[{"image":{"format":"png","source":{"bytes":"AAAA"}}},
          {"document":{"format":"pdf","name":"a","source":{"bytes":"AAAA"}}}]}],
          "toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{}}}}]}})",
      all_of({Ability::ImagesIn, Ability::DocumentsIn, Ability::Tools}));
}

TEST(RequestNeeds, AreFoundWhereverTheyStand) {
  // Whatever the body's length and the place of the word in it, sixteen bytes or not.
  for (std::size_t before = 0; before < 200; ++before) {
    for (const std::size_t after : {0U, 1U, 63U, 64U, 65U}) {
      const std::string body = std::string(before, ' ') + R"("tools":[1)" + std::string(after, ' ');
      ASSERT_EQ(possible_needs(body, Dialect::Chat), all_of({Ability::Tools})) << before;
    }
  }
}

TEST(RequestNeeds, OfHalfAWordAreNone) {
  for (const std::string_view body :
       {"\"tools", "\"tool\"", "\"t", "\"", "", "\"toolset\"", "\"n", "\"N\":2", "\"xn\":2"}) {
    EXPECT_EQ(possible_needs(body, Dialect::Chat), kNothing) << body;
  }
}

TEST(RequestNeeds, OfWhatCannotBeReadAreNone) {
  FakeClock clock;
  Arena arena;
  Arena draft;
  Context context(arena, draft, clock);
  Request request;
  request.json.text = R"({"tools":7,"messages":3})";

  EXPECT_EQ(needs_of(context, request, all_of({Ability::Tools})), kNothing);
}

TEST(RequestNeeds, ThatAreHintsAreNotHard) {
  EXPECT_EQ(hard(all_of({Ability::Reasoning, Ability::ParallelTools, Ability::Tools})),
            all_of({Ability::Tools}));
}

}  // namespace
}  // namespace sluice::dialect
