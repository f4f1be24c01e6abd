// What is asked of a language model, in our own words: the union of what the dialects can say.
//
// Everything is a view, of the request's body or of the arena it was read into. Numbers and JSON
// values stand as they were written, so that none loses a digit on its way.
#pragma once

#include "sluice/dialect.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace sluice {

// A JSON value as text. Empty: not given.
using JsonText = std::string_view;

// What only its maker can read: signatures, encrypted reasoning. Goes back to him byte for byte,
// and to nobody else.
struct Sealed {
  Dialect by = Dialect::Opaque;
  std::string_view text = {};

  bool given() const { return !text.empty(); }
};

// Dropping a hint changes no meaning of the request.
enum class Importance : std::uint8_t { Hint, Meaning };

// A field that only one dialect has, under the name it has there.
struct Extra {
  Dialect of = Dialect::Opaque;
  std::string_view name;
  JsonText json;
  Importance importance = Importance::Hint;
};

// "What stands before here is worth keeping in your cache."
struct CacheMark {
  bool set = false;
  std::string_view ttl = {};  // "5m", "1h"; empty: as the provider likes.
};

// ---- Parts of a turn

struct Citation {
  std::string_view url = {};
  std::string_view title = {};
  std::string_view cited = {};  // The words of the source.
  std::int64_t begin = -1;      // In the text that cites, in characters; -1: not told.
  std::int64_t end = -1;
  Dialect of = Dialect::Opaque;
  JsonText json = {};  // As it came, in that dialect.
};

struct Text {
  std::string_view text = {};
  std::span<const Citation> citations = {};
};

enum class MediaKind : std::uint8_t { Image, Document, Audio, Video };

enum class MediaSource : std::uint8_t {
  Base64,
  Url,
  FileId,     // Of a file kept by the provider whose dialect this is.
  PlainText,  // A document that is text.
  Json,       // A source that only one dialect has: `data` is its JSON.
};

struct Media {
  MediaKind kind = MediaKind::Image;
  MediaSource source = MediaSource::Base64;
  std::string_view media_type = {};  // "image/png"; of a URL often unknown.
  std::string_view data = {};        // What `source` says.
  std::string_view name = {};        // A file's name, a document's title.
  std::string_view context = {};     // What the document is about.
  std::string_view detail = {};      // "low", "high", "auto", "original".
  bool citations = false;            // It is to be cited from.
  Dialect of = Dialect::Opaque;      // Of FileId and Json.
};

enum class ToolKind : std::uint8_t {
  Function,
  Custom,   // Takes free text instead of JSON.
  BuiltIn,  // Run by the provider itself.
};

struct ToolCall {
  std::string_view id = {};
  std::string_view name = {};
  std::string_view arguments = {};  // JSON text of an object; of a custom tool, free text.
  ToolKind kind = ToolKind::Function;
  Sealed signature = {};
  std::string_view item_id = {};  // Of its item, where the dialect has items.
};

struct Part;

struct ToolResult {
  std::string_view call_id = {};
  std::string_view name = {};  // Of the tool; filled in by readers of dialects that do not say it.
  std::span<const Part> parts = {};
  bool is_error = false;
  ToolKind kind = ToolKind::Function;
  JsonText json = {};  // The result as JSON, where the dialect answers with an object.
};

struct Thinking {
  std::string_view text = {};
  Sealed signature = {};  // Or the encrypted thoughts themselves.
  std::string_view item_id = {};
  bool redacted = false;  // There is no text; all of it is sealed.
  bool summary = false;   // The text is a summary of the thoughts.
};

struct Refusal {
  std::string_view text = {};
};

// A block that only one dialect has: a search that the provider ran, a container, …
struct Foreign {
  Dialect of = Dialect::Opaque;
  std::string_view type = {};
  JsonText json = {};
  Importance importance = Importance::Meaning;
};

struct Part {
  std::variant<Text, Media, ToolCall, ToolResult, Thinking, Refusal, Foreign> what = {};
  CacheMark cache = {};
  std::span<const Extra> extras = {};
};

// ---- Turns

enum class Role : std::uint8_t { System, Developer, User, Assistant, Tool };

// Neighbours of one role are one turn (but for System and Developer, and turns of different
// names). Results of tools stand in a turn of role Tool, or in a user's among other parts; writers
// take both.
struct Turn {
  Role role = Role::User;
  std::string_view name = {};
  std::span<const Part> parts = {};
  std::span<const Extra> extras = {};
};

// ---- What is asked besides

struct Tool {
  ToolKind kind = ToolKind::Function;
  std::string_view name = {};
  std::string_view description = {};
  JsonText parameters = {};  // JSON Schema.
  std::optional<bool> strict = {};
  CacheMark cache = {};
  // Of built-in and custom tools: whose, its type, and the whole declaration.
  Dialect of = Dialect::Opaque;
  std::string_view type = {};
  JsonText json = {};
  std::span<const Extra> extras = {};
};

struct ToolChoice {
  enum class Kind : std::uint8_t { NotGiven, Auto, None, Required, Named };
  Kind kind = Kind::NotGiven;
  std::string_view name = {};                      // Of Named.
  std::span<const std::string_view> allowed = {};  // Of Auto and Required: only these; empty: all.
  std::optional<bool> parallel = {};
};

struct OutputFormat {
  enum class Kind : std::uint8_t { NotGiven, Text, JsonObject, JsonSchema };
  Kind kind = Kind::NotGiven;
  std::string_view name = {};
  std::string_view description = {};
  JsonText schema = {};
  std::optional<bool> strict = {};
};

struct Reasoning {
  enum class Kind : std::uint8_t { NotGiven, Off, Adaptive, Effort, Budget };
  Kind kind = Kind::NotGiven;
  std::string_view effort = {};    // Of Effort, may also stand beside the others: none minimal
                                   // low medium high xhigh max.
  bool effort_alone = false;       // Of the whole answer: nothing was said of thoughts.
  std::int64_t budget = 0;         // Of Budget, in tokens.
  std::optional<bool> shown = {};  // The caller wants to read the thoughts.
  std::string_view summary = {};   // "auto", "concise", "detailed".
};

struct SpokenAnswer {
  bool wanted = false;
  std::string_view voice = {};
  std::string_view format = {};
};

struct Conversation {
  std::span<const Turn> turns = {};
  std::span<const Tool> tools = {};
  ToolChoice tool_choice;
  OutputFormat format;
  Reasoning reasoning;
  SpokenAnswer spoken;
  bool images_wanted = false;  // In the answer.

  std::optional<std::int64_t> max_tokens;  // Of the answer, thoughts included where that is known.
  JsonText temperature = {};
  JsonText top_p = {};
  JsonText top_k = {};
  JsonText frequency_penalty = {};
  JsonText presence_penalty = {};
  JsonText seed = {};
  std::span<const std::string_view> stop = {};
  std::optional<std::int64_t> choices;  // "n"
  std::optional<bool> logprobs;
  std::optional<std::int64_t> top_logprobs;
  JsonText logit_bias = {};
  std::string_view user = {};
  std::string_view service_tier = {};
  std::string_view verbosity = {};
  std::string_view prompt_cache_key = {};
  std::string_view safety_identifier = {};
  JsonText metadata = {};
  std::optional<bool> store;
  CacheMark cache;  // "Cache what you can."
  std::span<const Extra> extras = {};
};

}  // namespace sluice
