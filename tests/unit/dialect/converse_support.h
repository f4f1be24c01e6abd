// What tests of Converse have in common: bodies read and written again, streams as frames.
#pragma once

#include "base/aws_event_stream.h"
#include "dialect/conversation_dialect.h"
#include "dialect/converse.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::dialect {

using Json = nlohmann::json;

// A body, in our words.
class Asked {
 public:
  explicit Asked(std::string body, const ConversationDialect& by = converse_dialect())
      : body_(std::move(body)) {
    const auto root = reader_.parse(body_);
    EXPECT_TRUE(root);
    if (!root) return;
    auto read = by.read(*root, arena_, conversation);
    if (!read) error = *read.error();
  }

  // As a target of this dialect is asked it.
  Json put(const ConversationDialect& to, std::string_view model,
           DropPolicy policy = {.which = DropPolicy::Which::Hints}) {
    Losses losses(policy, arena_);
    const Wanted wanted{.model = model, .stream = stream, .facts = facts};
    const auto body = to.write(conversation, wanted, losses, arena_);
    dropped.assign(losses.dropped().begin(), losses.dropped().end());
    approximated.assign(losses.approximated().begin(), losses.approximated().end());
    if (!body) {
      error = *body.error();
      return nullptr;
    }
    return Json::parse(*body);
  }
  Json put(std::string_view model = "anthropic.claude-sonnet-4-5-20250929-v1:0") {
    return put(converse_dialect(), model);
  }

  Conversation conversation;
  ApiError error;
  bool stream = false;
  const ModelFacts* facts = nullptr;
  std::vector<std::string> dropped;
  std::vector<std::string> approximated;

 private:
  std::string body_;
  json::Reader reader_;
  Arena arena_;
};

// An answer as Converse's callers get it.
inline std::string told(bool stream, std::span<const Event> events) {
  Arena arena;
  const auto encoder =
      converse_dialect().encoder(arena, {.stream = stream, .id = "0123", .model = "m"});
  std::string out;
  encoder->say(events, out);
  encoder->end(out);
  return out;
}

// The messages of a stream: their names and payloads.
inline std::vector<std::pair<std::string, Json>> messages_of(std::string_view stream) {
  std::vector<std::pair<std::string, Json>> messages;
  aws::Splitter splitter(1 << 20);
  aws::Frame frame;
  while (splitter.next(stream, frame) == aws::Splitter::Step::Frame) {
    const std::string_view name =
        frame.message_type == "event" ? frame.event_type : frame.exception_type;
    EXPECT_EQ(frame.content_type, "application/json");
    messages.emplace_back(std::string(name), Json::parse(frame.payload));
  }
  EXPECT_TRUE(stream.empty());
  return messages;
}

}  // namespace sluice::dialect
