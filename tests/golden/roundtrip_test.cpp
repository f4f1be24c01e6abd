// What is written and read again is what it was, for answers and requests that chance makes.
#include "dialect/conversation_dialect.h"
#include "golden/essence.h"
#include "golden/told.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace sluice::golden {
namespace {

constexpr std::uint32_t kSeeds = 150;

// Makes texts, and keeps them as long as it lives.
class Chance {
 public:
  explicit Chance(std::uint32_t seed) : engine_(seed) {}

  std::uint32_t below(std::uint32_t limit) { return engine_() % limit; }
  std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }

  std::string_view text() {
    static constexpr std::string_view kPieces[] = {
        "a",  "word ", "\n",   "\"quoted\"", "\\", "é",     "漢字",
        "😀", "\t",    "</x>", " data: ",    "{",  "\u2028"};
    std::string text = "t";
    for (std::uint32_t left = 1 + below(9); left > 0; --left)
      text += kPieces[below(std::size(kPieces))];
    return keep(text + ".");
  }
  std::string_view token(std::string_view prefix) {
    std::string text(prefix);
    for (std::uint32_t left = 20; left > 0; --left) text += static_cast<char>('a' + below(26));
    return keep(text);
  }
  std::string_view object() {
    return keep(Json{{"text", std::string(text())}, {"number", below(1000)}}.dump());
  }

 private:
  std::mt19937 engine_;
  std::deque<std::string> kept_;
};

// Signs of its maker's, in the form that these have there.
Sealed seal_of(Dialect by, Chance& chance) {
  const std::string token(chance.token("c2Vh"));
  if (by != Dialect::Chat) return {by, chance.keep(token)};
  return {by, chance.keep(Json{{"type", "reasoning.text"}, {"signature", token}}.dump())};
}

Usage usage_of(Chance& chance) {
  Usage usage;
  usage.cached = chance.below(100);
  usage.cache_write = chance.below(2) * chance.below(100);
  usage.input = usage.cached + usage.cache_write + chance.below(1000);
  usage.reasoning = chance.below(100);
  usage.output = usage.reasoning + chance.below(1000);
  return usage;
}

std::vector<Event> answer_of(Chance& chance) {
  constexpr Dialect kMakers[] = {Dialect::Messages, Dialect::Gemini, Dialect::Responses};
  std::vector<Event> events = {ReplyStarted{.id = chance.token("id"), .model = "model"}};
  if (chance.below(2) == 0) {
    for (std::uint32_t left = 1 + chance.below(3); left > 0; --left)
      events.push_back(ReasoningDelta{.text = chance.text()});
    events.push_back(ReasoningSealed{.seal = seal_of(kMakers[chance.below(3)], chance)});
  }
  for (std::uint32_t left = chance.below(4); left > 0; --left)
    events.push_back(TextDelta{.text = chance.text()});
  const std::uint32_t calls = chance.below(4);
  for (std::uint32_t index = 0; index < calls; ++index) {
    const std::string_view arguments = chance.object();
    std::size_t cut = chance.below(static_cast<std::uint32_t>(arguments.size()));
    while ((arguments[cut] & 0xC0) == 0x80) --cut;  // Pieces are whole letters.
    events.push_back(
        ToolCallDelta{.index = index, .id = chance.token("call_"), .name = chance.token("tool_")});
    events.push_back(ToolCallDelta{.index = index, .arguments = arguments.substr(0, cut)});
    events.push_back(ToolCallDelta{.index = index, .arguments = arguments.substr(cut)});
  }
  events.push_back(usage_of(chance));
  events.push_back(ReplyStopped{
      .reason = calls > 0 ? FinishReason::ToolCalls
                          : (chance.below(2) == 0 ? FinishReason::Stop : FinishReason::Length)});
  return events;
}

TEST(RoundTrip, AnswersAreReadAsTheyWereTold) {
  for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
    Chance chance(seed);
    const std::vector<Event> events = answer_of(chance);
    for (const Dialect caller : kCallers) {
      for (const bool stream : {false, true}) {
        SCOPED_TRACE(testing::Message()
                     << name_of(caller) << " " << seed << (stream ? " streamed" : ""));
        const Framing frames = caller == Dialect::Converse ? Framing::AwsEvents : Framing::Sse;
        const Told told = tell(events, caller, stream);
        const Heard again =
            hear(caller, stream ? frames : Framing::None, told.body, told.body.size());
        ASSERT_FALSE(again.error) << again.trouble;
        ASSERT_EQ(again.says(), as_told(told.heard, caller)) << told.body;
        ASSERT_EQ(again.call_ids, told.heard.call_ids);
        ASSERT_EQ(again.seals, told.heard.seals);
      }
    }
  }
}

// A conversation that a provider of this dialect has had before.
class Made {
 public:
  Made(Dialect of, Chance& chance) : of_(of), chance_(chance) {
    if (chance_.below(2) == 0) turn(Role::System, {{.what = Text{chance_.text()}}});
    for (std::uint32_t left = chance_.below(3); left > 0; --left) exchange();
    turn(Role::User, {{.what = Text{chance_.text()}}});
    tools_.push_back({.name = "look",
                      .description = chance_.text(),
                      .parameters = R"({"type":"object","properties":{"a":{"type":"string"}}})"});
    conversation.turns = turns_;
    conversation.tools = tools_;
    conversation.max_tokens = 100 + chance_.below(1000);
    if (chance_.below(2) == 0) conversation.temperature = "0.5";
    if (chance_.below(2) == 0) conversation.tool_choice.kind = ToolChoice::Kind::Required;
  }

  Conversation conversation;
  Json seals = Json::array();

 private:
  void turn(Role role, std::vector<Part> parts) {
    turns_.push_back({.role = role, .parts = parts_.emplace_back(std::move(parts))});
  }
  void exchange() {
    turn(Role::User, {{.what = Text{chance_.text()}}});
    const Sealed seal = seal_of(of_, chance_);
    seals.push_back(sealed(seal));
    const std::string_view id = chance_.token("call_");
    turn(Role::Assistant,
         {{.what = Thinking{.text = chance_.text(), .signature = seal, .item_id = "rs_1"}},
          {.what = ToolCall{.id = id, .name = "look", .arguments = chance_.object()}}});
    results_.push_back({{.what = Text{chance_.text()}}});
    turn(Role::Tool,
         {{.what = ToolResult{.call_id = id, .name = "look", .parts = results_.back()}}});
    turn(Role::Assistant, {{.what = Text{chance_.text()}}});
  }

  Dialect of_;
  Chance& chance_;
  std::deque<std::vector<Part>> parts_;
  std::deque<std::vector<Part>> results_;
  std::vector<Turn> turns_;
  std::vector<Tool> tools_;
};

Json seals_of(const Conversation& conversation) {
  Json seals = Json::array();
  for (const Turn& turn : conversation.turns) {
    for (const Part& part : turn.parts) {
      const auto* thinking = std::get_if<Thinking>(&part.what);
      if (thinking && thinking->signature.given()) seals.push_back(sealed(thinking->signature));
    }
  }
  return seals;
}

TEST(RoundTrip, RequestsAreReadAsTheyWereWritten) {
  for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
    for (const Dialect target : kCallers) {
      SCOPED_TRACE(testing::Message() << name_of(target) << " " << seed);
      Chance chance(seed);
      const Made made(target, chance);
      Arena arena;
      dialect::Losses losses({.which = DropPolicy::Which::None}, arena);
      const auto& dialect = *dialect::conversation_dialect(target);
      const auto text = dialect.write(made.conversation, {.model = "m"}, losses, arena);
      ASSERT_TRUE(text) << text.error()->message;
      json::Reader reader;
      const auto root = reader.parse(*text, {.strict_up_to = std::string_view::npos});
      ASSERT_TRUE(root) << *text;
      Conversation again;
      const auto read = dialect.read(*root, arena, again);
      ASSERT_TRUE(read) << read.error()->message << *text;
      ASSERT_EQ(essence_of(again), essence_of(made.conversation)) << *text;
      ASSERT_EQ(seals_of(again), made.seals) << *text;
    }
  }
}

}  // namespace
}  // namespace sluice::golden
