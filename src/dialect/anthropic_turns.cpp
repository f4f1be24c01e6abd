#include "dialect/anthropic_turns.h"

#include "base/text.h"
#include "dialect/anthropic_parts.h"
#include "dialect/arena_list.h"

#include <algorithm>

namespace sluice::dialect {
namespace {

constexpr Dialect kOwn = Dialect::Messages;

bool instructs(const Turn& turn) {
  return turn.role == Role::System || turn.role == Role::Developer;
}

// The turns that stand before all others and instruct.
std::size_t leading(std::span<const Turn> turns) {
  const auto first = std::ranges::find_if_not(turns, instructs);
  return static_cast<std::size_t>(first - turns.begin());
}

// There must be something to answer: where there are only instructions, they are it.
bool only_instructs(std::span<const Turn> turns) {
  return leading(turns) == turns.size();
}

bool is_result(const Part& part) {
  return std::holds_alternative<ToolResult>(part.what);
}

// One message: turns of the same role in a row.
struct Message {
  enum class Role : std::uint8_t { User, Assistant, System };
  Role role = Role::User;
  std::span<const Turn> turns = {};
};

std::string_view name_of(Message::Role role) {
  switch (role) {
    case Message::Role::Assistant:
      return "assistant";
    case Message::Role::System:
      return "system";
    default:
      return "user";
  }
}

class TurnWriter {
 public:
  TurnWriter(const ClaudeModel& model, Losses& losses, Arena& arena, json::Writer& to)
      : model_(model), losses_(losses), arena_(arena), to_(to), blocks_(losses, arena, to) {}

  Result<void> write(std::span<const Turn> turns) {
    const ArenaList<Message> messages = cut(turns);
    const auto all = messages.all();
    to_.key("messages").begin_array();
    if (all.empty() || all.front().role == Message::Role::Assistant) {
      losses_.approximate("messages");  // The first turn must be the user's.
      to_.begin_object().member("role", "user").member("content", ".").end_object();
    }
    for (const Message& message : all) TRY_VOID(write(message, &message == &all.back()));
    to_.end_array();
    return {};
  }

 private:
  ArenaList<Message> cut(std::span<const Turn> turns) {
    ArenaList<Message> messages(arena_);
    for (std::size_t i = 0; i < turns.size(); ++i) {
      const Turn& turn = turns[i];
      if (std::ranges::none_of(turn.parts, BlockWriter::is_written) && !is_dropped_aloud(turn)) {
        continue;
      }
      const Message::Role role = role_of(turns, i, messages);
      if (messages.empty() || messages.last().role != role || role == Message::Role::System) {
        messages.add({.role = role, .turns = turns.subspan(i, 1)});
      } else {
        Message& last = messages.last();
        last.turns = {last.turns.data(), turns.data() + i + 1};
      }
    }
    return messages;
  }

  // Nothing of it is written, but what is lost must be told.
  static bool is_dropped_aloud(const Turn& turn) {
    return std::ranges::any_of(turn.parts, [](const Part& part) {
      return !std::holds_alternative<Text>(part.what) &&
             !std::holds_alternative<Refusal>(part.what);
    });
  }

  // Instructions in mid conversation stand behind a user's turn and before an answer, or are told
  // as the user's words.
  Message::Role role_of(std::span<const Turn> turns, std::size_t at,
                        const ArenaList<Message>& before) {
    const Turn& turn = turns[at];
    if (turn.role == Role::Assistant) return Message::Role::Assistant;
    if (!instructs(turn)) return Message::Role::User;
    const bool behind_user = !before.empty() && before.all().back().role == Message::Role::User;
    const bool before_answer = at + 1 == turns.size() || turns[at + 1].role == Role::Assistant;
    if (model_.takes_system_turns() && behind_user && before_answer) return Message::Role::System;
    losses_.approximate("messages.role");
    return Message::Role::User;
  }

  Result<void> write(const Message& message, bool last) {
    std::size_t written = 0;
    for (const Turn& turn : message.turns) {
      if (!turn.name.empty()) TRY_VOID(losses_.hint("messages.name"));
      TRY_VOID(losses_.extras(turn.extras, kOwn));
      written +=
          static_cast<std::size_t>(std::ranges::count_if(turn.parts, BlockWriter::is_written));
    }
    if (written == 0) return tell_losses(message);
    to_.begin_object().member("role", name_of(message.role));
    for (const Turn& turn : message.turns) {
      for (const Extra& extra : turn.extras) {
        if (extra.of == kOwn) to_.key(extra.name).raw(extra.json);
      }
    }
    to_.key("content").begin_array();
    const bool unfinished = last && message.role == Message::Role::Assistant;
    // The API wants the results of tools first.
    for (const bool results : {true, false}) {
      for (const Turn& turn : message.turns) {
        for (const Part& part : turn.parts) {
          if (is_result(part) != results) continue;
          const bool trimmed =
              unfinished && &turn == &message.turns.back() && &part == &turn.parts.back();
          TRY_VOID(trimmed ? write_last(part) : blocks_.write(part));
        }
      }
    }
    to_.end_array().end_object();
    return {};
  }

  // Nothing of this message is written; what that means is told all the same.
  Result<void> tell_losses(const Message& message) {
    for (const Turn& turn : message.turns) {
      for (const Part& part : turn.parts) TRY_VOID(blocks_.write(part));
    }
    return {};
  }

  // Words that the model is to go on from may not end in white space.
  Result<void> write_last(const Part& part) {
    const auto* text = std::get_if<Text>(&part.what);
    if (!text || text->text.empty()) return blocks_.write(part);
    const std::size_t end = text->text.find_last_not_of(" \t\r\n") + 1;
    if (end == text->text.size()) return blocks_.write(part);
    losses_.approximate("messages.content");
    Part shorter = part;
    std::get<Text>(shorter.what).text = text->text.substr(0, end);
    return blocks_.write(shorter);
  }

  const ClaudeModel& model_;
  Losses& losses_;
  Arena& arena_;
  json::Writer& to_;
  BlockWriter blocks_;
};

}  // namespace

void write_cache_mark(const CacheMark& mark, json::Writer& to) {
  if (!mark.set) return;
  to.key("cache_control").begin_object().member("type", "ephemeral");
  if (!mark.ttl.empty()) to.member("ttl", mark.ttl == "24h" ? "1h" : mark.ttl);
  to.end_object();
}

Result<void> write_system(const Conversation& conversation, std::string_view more, Losses& losses,
                          Arena& arena, json::Writer& to) {
  std::span<const Turn> turns = conversation.turns.first(leading(conversation.turns));
  if (only_instructs(conversation.turns)) turns = {};
  const bool any = std::ranges::any_of(turns, [](const Turn& turn) {
    return std::ranges::any_of(turn.parts, BlockWriter::is_written);
  });
  if (!any && more.empty()) return {};
  to.key("system").begin_array();
  BlockWriter blocks(losses, arena, to);
  for (const Turn& turn : turns) {
    if (!turn.name.empty()) TRY_VOID(losses.hint("messages.name"));
    for (const Part& part : turn.parts) {
      if (std::holds_alternative<Media>(part.what)) {
        TRY_VOID(losses.meaning("messages.content", "instructions are text"));
      } else {
        TRY_VOID(blocks.write(part));
      }
    }
  }
  if (!more.empty()) blocks.text(more);
  to.end_array();
  return {};
}

Result<void> write_turns(const Conversation& conversation, const ClaudeModel& model, Losses& losses,
                         Arena& arena, json::Writer& to) {
  std::span<const Turn> turns = conversation.turns;
  if (!only_instructs(turns)) turns = turns.subspan(leading(turns));
  return TurnWriter(model, losses, arena, to).write(turns);
}

}  // namespace sluice::dialect
