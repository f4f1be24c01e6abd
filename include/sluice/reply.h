// A reply: its head, and items that are pulled. Nothing moves until the writer asks; so a slow
// caller slows the provider, and memory per stream stays small.
#pragma once

#include "sluice/arena.h"
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

enum class FinishReason : std::uint8_t { Stop, Length, ToolCalls, ContentFilter, Other };

struct ReplyStarted {
  std::string_view id = {};
  std::string_view model;
};
struct TextDelta {
  std::uint32_t choice = 0;
  std::string_view text;
};
struct ReasoningDelta {
  std::uint32_t choice = 0;
  std::string_view text;
};
struct RefusalDelta {
  std::uint32_t choice = 0;
  std::string_view text;
};
struct ToolCallDelta {
  std::uint32_t choice = 0;
  std::uint32_t index = 0;
  std::string_view id = {};         // Only in the call's first delta.
  std::string_view name = {};       // Likewise.
  std::string_view arguments = {};  // A piece of JSON text.
};
struct ReplyStopped {
  std::uint32_t choice = 0;
  FinishReason reason = FinishReason::Stop;
};
struct Bytes {  // Operations that are not chat: the answer as it is.
  std::string_view bytes;
};

using Event = std::variant<ReplyStarted, TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta,
                           Usage, ReplyStopped, Bytes>;

// ---- Items

enum class Origin : std::uint8_t {
  Raw,     // As the provider sent it; immutable.
  Edited,  // Made by a wrapper from events; the writer encodes it.
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

struct ReplyHead {
  int status = 200;
  std::string_view content_type = "application/json";
  std::optional<std::uint64_t> length;  // Unknown: framed in chunks.
  bool event_stream = false;
  std::span<const Field> fields;  // Of the provider's, those that go to callers.
};

struct Reply {
  ReplyHead head;
  ArenaPtr<ItemStream> items;
};

}  // namespace sluice
