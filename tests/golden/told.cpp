#include "golden/told.h"

#include "dialect/conversation_dialect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace sluice::golden {
namespace {

bool has_choices(Dialect caller) {
  return caller == Dialect::Chat || caller == Dialect::Gemini;
}

bool has_refusals(Dialect caller) {
  return caller == Dialect::Chat || caller == Dialect::Responses;
}

// The word that stands for a reason in a dialect that has fewer of them.
std::string finish_as_told(std::string reason, Dialect caller, bool called, bool refused) {
  const bool rich = caller == Dialect::Messages || caller == Dialect::Converse;
  if (!rich && reason == "stop_sequence") reason = "stop";
  if (!rich && reason == "context_length") reason = "length";
  if (caller == Dialect::Messages) {
    if (reason == "content_filter" || (reason == "stop" && refused)) reason = "refusal";
  } else {
    if (caller == Dialect::Converse && reason == "stop" && refused) reason = "refusal";
    if (reason == "pause") reason = "stop";
    if (reason == "refusal") reason = "content_filter";
  }
  if (reason == "other") reason = "stop";
  // Chat alone tells calls that are not what the answer stopped for.
  if (reason == "stop" && called && caller != Dialect::Chat) reason = "tool_calls";
  return reason;
}

Json usage_as_told(Json usage, Dialect caller) {
  if (usage.is_null()) return usage;
  const auto count = [&](const char* kind) { return usage[kind].get<std::int64_t>(); };
  if (caller == Dialect::Gemini) usage["cache_write"] = 0;  // It has no word for these.
  if (caller == Dialect::Converse) usage["reasoning"] = 0;  // Likewise.
  // These count cached tokens beside the others: a provider that tells more of them than there was
  // input cannot be believed in both.
  if (caller == Dialect::Messages || caller == Dialect::Converse)
    usage["input"] = std::max(count("input"), count("cached") + count("cache_write"));
  return usage;
}

std::string request_of(const std::string& answer, Dialect caller) {
  const Json body = Json::parse(answer);
  Json request = {{"model", "model"}};
  switch (caller) {
    case Dialect::Chat:
      request["messages"] = Json::array({body["choices"][0]["message"]});
      break;
    case Dialect::Responses:
      request["input"] = body["output"];
      break;
    case Dialect::Messages:
      request["max_tokens"] = 1;
      request["messages"] =
          Json::array({Json{{"role", "assistant"}, {"content", body["content"]}}});
      break;
    case Dialect::Converse:
      request["messages"] = Json::array({body["output"]["message"]});
      break;
    default:
      request["contents"] = Json::array();
      for (const Json& candidate : body.value("candidates", Json::array())) {
        if (candidate.value("index", 0) == 0 && candidate.contains("content"))
          request["contents"].push_back(candidate["content"]);
      }
  }
  return request.dump();
}

class Echo {
 public:
  void take(const Turn& turn) {
    EXPECT_EQ(turn.role, Role::Assistant);
    for (const Part& part : turn.parts) std::visit([this](const auto& it) { take(it); }, part.what);
  }
  Heard& heard() { return heard_; }

 private:
  static void add(Json& to, std::string_view text) {
    if (!text.empty()) to["0"] = to.value("0", std::string()) + std::string(text);
  }
  void take(const Text& text) { add(heard_.text, text.text); }
  void take(const Refusal& refusal) { add(heard_.refusal, refusal.text); }
  void take(const Thinking& thinking) {
    add(heard_.reasoning, thinking.text);
    if (thinking.signature.given()) heard_.seals.push_back(sealed(thinking.signature));
  }
  void take(const ToolCall& call) {
    const std::string text(call.arguments.empty() ? "{}" : call.arguments);
    Json arguments = Json::parse(text, nullptr, false);
    if (arguments.is_discarded()) arguments = text;
    heard_.tool_calls.push_back({{"name", std::string(call.name)}, {"arguments", arguments}});
    heard_.call_ids.push_back(std::string(call.id));
    heard_.signatures.push_back(call.signature.given() ? sealed(call.signature) : Json());
  }
  template <class Other>
  void take(const Other&) {}

  Heard heard_;
};

}  // namespace

Json as_told(const Heard& heard, Dialect caller) {
  Json told = heard.says();
  if (!has_choices(caller)) {
    for (const char* field : {"text", "reasoning", "refusal", "finish"}) {
      for (auto it = told[field].begin(); it != told[field].end();)
        it = it.key() != "0" ? told[field].erase(it) : std::next(it);
    }
  }
  const bool refused = !told["refusal"].empty();
  if (!has_refusals(caller)) {
    for (const auto& [choice, said] : std::exchange(told["refusal"], Json::object()).items())
      told["text"][choice] = told["text"].value(choice, std::string()) + said.get<std::string>();
  }
  for (const auto& [choice, reason] : told["finish"].items()) {
    // Chat says it in a member of its own when the text that stopped it is known.
    if (caller == Dialect::Chat && heard.stop_sequences.contains(choice)) continue;
    reason = finish_as_told(reason, caller, !told["tool_calls"].empty(), refused);
  }
  told["usage"] = usage_as_told(told["usage"], caller);
  return told;
}

Heard echoed(const Told& told, Dialect caller) {
  Arena arena;
  json::Reader reader;
  const std::string request = request_of(told.body, caller);
  Conversation conversation;
  const auto root = reader.parse(request);
  EXPECT_TRUE(root) << request;
  Echo echo;
  if (!root) return echo.heard();
  const auto read = dialect::conversation_dialect(caller)->read(*root, arena, conversation);
  EXPECT_TRUE(read) << read.error()->message << "\n" << request;
  for (const Turn& turn : conversation.turns) echo.take(turn);
  return echo.heard();
}

}  // namespace sluice::golden
