// The parts of writing a chat completion's request.
#pragma once

#include "base/json_writer.h"
#include "dialect/conversation_dialect.h"

#include <string_view>

namespace sluice::dialect::chat {

// What is written, for whom, and where it goes.
struct Writing {
  Writing(const Conversation& its_conversation, const Wanted& its_wanted, Losses& its_losses,
          Arena& its_arena);

  // OpenAI's own models, and those who are as strict: nothing is sent that OpenAI does not know.
  bool strict() const { return quirks.developer_role || !wanted.quirks; }
  // OpenRouter: takes cache marks, and hands the request on to whoever made the model.
  bool router() const { return quirks.thoughts == Quirks::Thoughts::Object; }
  // Facts are known, and they lack it.
  bool lacks(Ability ability) const {
    return wanted.facts && !wanted.facts->abilities.has(ability);
  }

  const Conversation& asked;
  const Wanted& wanted;
  Quirks quirks;
  Losses& losses;
  Arena& arena;
  json::Writer out;
  bool functions = false;  // The caller's tools are functions of the old kind.
};

Result<void> write_messages(Writing& to);
// The content of a user's message, a string if it can be one. Parts of other kinds than text and
// media are left out.
Result<void> write_content(Writing& to, std::span<const Part> parts);
// One element of a content array.
Result<void> write_part(Writing& to, const Part& part);
// Of an assistant's message: the members that hold its thoughts.
Result<void> write_thoughts(Writing& to, std::span<const Part> parts);

Result<void> write_tools(Writing& to);
Result<void> write_tool_choice(Writing& to);
Result<void> write_reasoning(Writing& to);

// "cache_control" of a part or tool, or its loss.
Result<void> write_cache_mark(Writing& to, const CacheMark& mark);
// Own extras, verbatim; the loss of others.
Result<void> write_extras(Writing& to, std::span<const Extra> extras);

// The text of one of our own dialect's extras of that name; empty: there is none.
JsonText own_extra(std::span<const Extra> extras, std::string_view name);

// What goes into a body verbatim although it passed through the caller's hands.
bool is_object(JsonText text);

// A custom tool is told as a function: only OpenAI knows them.
inline bool knows_custom_tools(const Writing& to) {
  return to.strict();
}

}  // namespace sluice::dialect::chat
