#include "base/text.h"
#include "dialect/converse_parts.h"
#include "dialect/converse_writing.h"

#include <algorithm>

namespace sluice::dialect::converse {
namespace {

bool instructs(const Turn& turn) {
  return turn.role == Role::System || turn.role == Role::Developer;
}

// The turns that stand before all others and instruct. There must be something to answer: where
// there are only instructions, they are it.
std::size_t leading(std::span<const Turn> turns) {
  const auto first = std::ranges::find_if_not(turns, instructs);
  return first == turns.end() ? 0 : static_cast<std::size_t>(first - turns.begin());
}

// Turns of one side in a row.
struct Message {
  bool assistant = false;
  std::span<const Turn> turns = {};
};

class MessageWriter {
 public:
  explicit MessageWriter(Writing& to) : to_(to), blocks_(to) {}

  Result<void> write() {
    const ArenaList<Message> messages = cut(to_.from.turns.subspan(leading(to_.from.turns)));
    to_.to.key("messages").begin_array();
    if (messages.empty() || messages.all().front().assistant) {
      to_.losses.approximate("messages");  // The first turn must be the user's.
      to_.to.begin_object().member("role", "user").key("content").begin_array();
      blocks_.text(".");
      to_.to.end_array().end_object();
    }
    for (const Message& message : messages.all())
      TRY_VOID(write(message, &message == &messages.all().back()));
    to_.to.end_array();
    return {};
  }

 private:
  ArenaList<Message> cut(std::span<const Turn> turns) {
    ArenaList<Message> messages(to_.arena);
    for (std::size_t i = 0; i < turns.size(); ++i) {
      const bool assistant = turns[i].role == Role::Assistant;
      if (messages.empty() || messages.last().assistant != assistant) {
        messages.add({.assistant = assistant, .turns = turns.subspan(i, 1)});
      } else {
        Message& last = messages.last();
        last.turns = {last.turns.data(), turns.data() + i + 1};
      }
    }
    return messages;
  }

  Result<void> write(const Message& message, bool last) {
    bool any = false;
    for (const Turn& turn : message.turns) {
      if (!turn.name.empty()) TRY_VOID(to_.losses.hint("messages.name"));
      TRY_VOID(to_.losses.extras(turn.extras, Dialect::Converse));
      if (instructs(turn) && leading(to_.from.turns) != 0) to_.losses.approximate("messages.role");
      for (const Part& part : turn.parts) any = any || BlockWriter::is_written(part);
    }
    to_.to.begin_object().member("role", message.assistant ? "assistant" : "user");
    to_.to.key("content").begin_array();
    // A turn that says nothing keeps its place: the sides must take turns.
    if (!any) blocks_.text(".");
    const bool unfinished = last && message.assistant;
    // Models want the results of tools first.
    for (const bool results : {true, false}) {
      for (const Turn& turn : message.turns) {
        for (const Part& part : turn.parts) {
          if (std::holds_alternative<ToolResult>(part.what) != results) continue;
          const bool trimmed =
              unfinished && &turn == &message.turns.back() && &part == &turn.parts.back();
          TRY_VOID(trimmed ? write_last(part) : blocks_.write(part));
        }
      }
    }
    if (!message.assistant && is_bare_document(message)) {
      to_.losses.approximate("messages.content");  // A document wants words beside it.
      blocks_.text(".");
    }
    if (last) TRY_VOID(write_cache_point(to_, to_.from.cache));
    to_.to.end_array().end_object();
    return {};
  }

  static bool is_bare_document(const Message& message) {
    bool document = false;
    for (const Turn& turn : message.turns) {
      for (const Part& part : turn.parts) {
        const auto* text = std::get_if<Text>(&part.what);
        if (text && says_something(text->text)) return false;
        const auto* media = std::get_if<Media>(&part.what);
        document = document || (media && media->kind == MediaKind::Document);
      }
    }
    return document;
  }

  // Words that the model is to go on from may not end in white space.
  Result<void> write_last(const Part& part) {
    const auto* text = std::get_if<Text>(&part.what);
    if (!text) return blocks_.write(part);
    const std::size_t end = text->text.find_last_not_of(" \t\r\n") + 1;
    if (end == text->text.size()) return blocks_.write(part);
    to_.losses.approximate("messages.content");
    Part shorter = part;
    std::get<Text>(shorter.what).text = text->text.substr(0, end);
    return blocks_.write(shorter);
  }

  Writing& to_;
  BlockWriter blocks_;
};

}  // namespace

Result<void> write_system(Writing& to) {
  const std::span<const Turn> turns = to.from.turns.first(leading(to.from.turns));
  bool any = !to.instruction.empty();
  for (const Turn& turn : turns) {
    if (!turn.name.empty()) TRY_VOID(to.losses.hint("messages.name"));
    for (const Part& part : turn.parts) any = any || BlockWriter::is_written(part);
  }
  if (!any) return {};
  to.to.key("system").begin_array();
  BlockWriter blocks(to);
  for (const Turn& turn : turns) {
    for (const Part& part : turn.parts) {
      if (std::holds_alternative<Media>(part.what)) {
        TRY_VOID(to.losses.meaning("messages.content", "instructions are text"));
      } else {
        TRY_VOID(blocks.write(part));
      }
    }
  }
  if (!to.instruction.empty()) blocks.text(to.instruction);
  to.to.end_array();
  return {};
}

Result<void> write_messages(Writing& to) {
  return MessageWriter(to).write();
}

}  // namespace sluice::dialect::converse
