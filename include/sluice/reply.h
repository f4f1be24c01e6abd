// A reply: its head, and items that are pulled. Nothing moves until the writer asks; so a slow
// caller slows the provider, and memory per stream stays small.
#pragma once

#include "sluice/arena.h"
#include "sluice/conversation.h"
#include "sluice/error.h"
#include "sluice/request.h"
#include "sluice/task.h"
#include "sluice/usage.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace sluice {

// ---- Meaning: what a frame says, in our own words. Views live until the next next().
//
// A whole answer says the same events as a stream of it would, each text in one piece.

enum class FinishReason : std::uint8_t {
  Stop,
  StopSequence,  // ReplyStopped says which one.
  Length,
  ContextLength,  // The model's window is full.
  ToolCalls,
  ContentFilter,
  Refusal,
  Pause,  // A long turn of the provider's own tools: to be continued by sending it back.
  Other,
};

struct ReplyStarted {
  std::string_view id = {};
  std::string_view model = {};
  std::int64_t created = 0;  // Unix time; 0: not told.
};
struct TextDelta {
  std::uint32_t choice = 0;
  std::string_view text;
};
struct ReasoningDelta {
  std::uint32_t choice = 0;
  std::string_view text;
  bool summary = false;
};
// Ends the block of reasoning before it, or is one of its own that holds no text.
struct ReasoningSealed {
  std::uint32_t choice = 0;
  Sealed seal;
  std::string_view item_id = {};
  bool redacted = false;
};
struct RefusalDelta {
  std::uint32_t choice = 0;
  std::string_view text;
};
struct ToolCallDelta {
  std::uint32_t choice = 0;
  std::uint32_t index = 0;          // Of the calls of its choice, from 0 without gaps.
  std::string_view id = {};         // Only in the call's first delta.
  std::string_view name = {};       // Likewise.
  std::string_view arguments = {};  // A piece of JSON text; of a custom tool, of its free text.
  ToolKind kind = ToolKind::Function;
  Sealed signature = {};
  std::string_view item_id = {};
};
struct CitationMade {  // Belongs to the text before it.
  std::uint32_t choice = 0;
  Citation citation;
};
struct LogprobsDelta {
  std::uint32_t choice = 0;
  JsonText content = {};  // An array, as OpenAI's chat says it.
  JsonText refusal = {};  // Likewise.
};
struct AudioDelta {
  std::uint32_t choice = 0;
  std::string_view id = {};
  std::string_view base64 = {};
  std::string_view transcript = {};
  std::int64_t expires_at = 0;
};
struct MediaMade {
  std::uint32_t choice = 0;
  Media media;
};
// A block that only one dialect has, whole.
struct ForeignMade {
  std::uint32_t choice = 0;
  Foreign block;
};
// The provider ended a block here: what follows is another one, even of the same kind.
struct BlockEnded {
  std::uint32_t choice = 0;
};
struct ReplyStopped {
  std::uint32_t choice = 0;
  FinishReason reason = FinishReason::Stop;
  std::string_view stop_sequence = {};
  std::string_view native = {};  // The reason in the provider's own word.
};
// A member of the answer that only one dialect has: service_tier, system_fingerprint, …
struct ReplyExtra {
  Extra extra;
};
struct VectorMade {  // An embedding.
  std::uint32_t index = 0;
  JsonText values = {};          // An array of numbers, or
  std::string_view base64 = {};  // little-endian 32-bit floats.
};
struct Ranked {
  std::uint32_t index = 0;
  JsonText score = {};
  JsonText document = {};
};
struct TokensCounted {
  std::int64_t tokens = 0;
};
struct Bytes {  // Operations that nobody translates: the answer as it is.
  std::string_view bytes;
};

using Event = std::variant<ReplyStarted, TextDelta, ReasoningDelta, ReasoningSealed, RefusalDelta,
                           ToolCallDelta, CitationMade, LogprobsDelta, AudioDelta, MediaMade,
                           ForeignMade, BlockEnded, Usage, ReplyStopped, ReplyExtra, VectorMade,
                           Ranked, TokensCounted, Bytes>;

// ---- Items

enum class Origin : std::uint8_t {
  Raw,     // As the provider sent it; immutable.
  Edited,  // Made by a wrapper from events; the writer encodes it.
  Ping,    // A sign of life of ours, for streams of server-sent events.
};

struct Item {
  std::string_view raw = {};           // The frame with its end; empty when Edited.
  std::span<const Event> events = {};  // Only when somebody needs the meaning, or Edited.
  Origin origin = Origin::Raw;
};

// What one read gave. Views live until the next next().
struct Batch {
  std::span<const Item> items = {};
  bool last = false;  // Nothing follows: next() is not called again.
};

class ItemStream {
 public:
  virtual ~ItemStream() = default;  // Destroying it abandons the provider's call.
  // Not called again after the last batch or a failure.
  virtual Task<Result<Batch>> next() = 0;
  // A wrapper (or the writer, when the dialects differ) says so before the first next(): from then
  // on every frame is decoded, in order.
  virtual void need_meaning() = 0;
};

// How a stream is cut into frames.
enum class Framing : std::uint8_t {
  None,       // It is no stream of frames.
  Sse,        // Server-sent events.
  AwsEvents,  // application/vnd.amazon.eventstream
  Lines,      // A JSON text per line.
};

struct ReplyHead {
  int status = 200;
  std::string_view content_type = "application/json";
  std::optional<std::uint64_t> length;  // Unknown: framed in chunks.
  Framing framing = Framing::None;
  std::span<const Field> fields;  // Of the provider's, those that go to callers.
};

struct Reply {
  ReplyHead head;
  Dialect dialect = Dialect::Opaque;  // Of the raw items.
  // The items come from more than one provider, or may come to: what is told are their events, also
  // where the dialects match.
  bool retold = false;
  bool holds_request = false;  // The request is needed until the last batch.
  ArenaPtr<ItemStream> items;
};

}  // namespace sluice
