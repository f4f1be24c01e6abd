// One wire format of conversations, read and written, on the caller's side and on the provider's.
// A dialect knows its own words and ours (sluice/conversation.h, sluice/reply.h), never another's.
#pragma once

#include "sluice/arena.h"
#include "sluice/catalogue.h"
#include "sluice/conversation.h"
#include "sluice/provider.h"

#include "base/json.h"
#include "dialect/losses.h"

#include <span>
#include <string>
#include <string_view>

namespace sluice::dialect {

// How a target is to be asked.
struct Wanted {
  std::string_view model;
  bool stream = false;
  bool ask_for_usage = true;          // Of streams that tell it only when asked.
  const ModelFacts* facts = nullptr;  // Null: nothing is known of the model.
  const Quirks* quirks = nullptr;     // Null: none.
};

// How an answer is to be written.
struct Shape {
  bool stream = false;
  bool array = false;        // Gemini's stream as one JSON array.
  bool usage_asked = false;  // The caller of a stream wants its usage event.
  std::string_view id;       // Of the request: what the answer's id is made of when none was told.
  std::string_view model;    // Said when the provider tells none.
  std::int64_t now = 0;      // Unix time.
  // May be null; gone when the answer is under way: what is needed of it later is copied at once.
  const Conversation* asked = nullptr;
};

// Writes an answer in a caller's dialect from what was said. One per reply; it may keep views of
// nothing, for the events live only until the next call.
class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual std::string_view content_type() const = 0;
  // Of a stream: appends the frames that say these events. Of a whole answer: remembers them.
  virtual void say(std::span<const Event> events, std::string& out) = 0;
  // Appends the proper end of a stream, or the body of a whole answer.
  virtual void end(std::string& out) = 0;
};

class ConversationDialect {
 public:
  virtual ~ConversationDialect() = default;

  // `body` is a JSON object; what is read are views of it, or lives in the arena.
  virtual Result<void> read(const json::Value& body, Arena& arena,
                            Conversation& conversation) const = 0;
  // The body that asks the same. What cannot be said is told to `losses`, never left out silently.
  virtual Result<std::string_view> write(const Conversation& conversation, const Wanted& wanted,
                                         Losses& losses, Arena& arena) const = 0;
  // Reads answers: frame() of streams and body() of whole ones say the same events.
  virtual ArenaPtr<Decoder> decoder(Arena& arena, json::Reader& reader) const = 0;
  // Null: nobody asks in this dialect.
  virtual ArenaPtr<Encoder> encoder(Arena& arena, const Shape& shape) const = 0;
};

// Null: not one of conversations.
const ConversationDialect* conversation_dialect(Dialect dialect);

}  // namespace sluice::dialect
