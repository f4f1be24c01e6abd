#include "base/json_writer.h"
#include "dialect/gemini_reading.h"

#include <algorithm>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

// How many calls a result is looked for among: more at once are no conversation but an attack.
constexpr std::size_t kLookedAt = 256;

// The members of one part that say what it is, and what stands beside them.
struct Members {
  std::optional<Value> text;
  std::optional<Value> inline_data;
  std::optional<Value> file_data;
  std::optional<Value> call;
  std::optional<Value> response;
  bool thought = false;
  std::string_view signature;
  std::string_view unknown;  // The first name that is none of them.
};

Result<std::string_view> string_in(const Value& value, std::string_view field, Arena& arena) {
  const auto text = value.string(arena);
  if (!text) return gemini_wrong(field, "a string");
  return *text;
}

bool is_beside(std::string_view name) {
  return name == "videoMetadata" || name == "mediaResolution" || name == "partMetadata";
}

Result<Members> members_of(const Value& part, Arena& arena, ArenaList<Extra>& extras) {
  Members found;
  for (const auto [key, value] : part.members()) {
    if (!gemini_given(value)) continue;
    const std::string_view name = gemini_name(key, arena);
    if (name == "text") {
      found.text = value;
    } else if (name == "inlineData") {
      found.inline_data = value;
    } else if (name == "fileData") {
      found.file_data = value;
    } else if (name == "functionCall") {
      found.call = value;
    } else if (name == "functionResponse") {
      found.response = value;
    } else if (name == "thought") {
      found.thought = value.boolean().value_or(false);
    } else if (name == "thoughtSignature") {
      TRY(found.signature, string_in(value, "contents.parts.thoughtSignature", arena));
    } else if (is_beside(name)) {
      extras.add({.of = Dialect::Gemini, .name = name, .json = value.raw()});
    } else if (found.unknown.empty()) {
      found.unknown = name;
    }
  }
  return found;
}

Result<Media> read_inline(const Value& data, Arena& arena) {
  Media media{.source = MediaSource::Base64, .of = Dialect::Gemini};
  for (const auto [key, value] : data.members()) {
    if (!gemini_given(value)) continue;
    const std::string_view name = gemini_name(key, arena);
    if (name == "mimeType") {
      TRY(media.media_type, string_in(value, "contents.parts.inlineData.mimeType", arena));
    }
    if (name == "data") {
      TRY(media.data, string_in(value, "contents.parts.inlineData.data", arena));
    }
    if (name == "displayName") {
      TRY(media.name, string_in(value, "contents.parts.inlineData.displayName", arena));
    }
  }
  media.kind = gemini_media_kind(media.media_type);
  return media;
}

// What only Google can fetch, from what anybody can.
bool is_kept_by_google(std::string_view uri) {
  return uri.starts_with("gs://") || uri.starts_with("files/") ||
         uri.find("generativelanguage.googleapis.com/") != std::string_view::npos;
}

Result<Media> read_file(const Value& data, Arena& arena) {
  Media media{.of = Dialect::Gemini};
  for (const auto [key, value] : data.members()) {
    if (!gemini_given(value)) continue;
    const std::string_view name = gemini_name(key, arena);
    if (name == "mimeType") {
      TRY(media.media_type, string_in(value, "contents.parts.fileData.mimeType", arena));
    }
    if (name == "fileUri") {
      TRY(media.data, string_in(value, "contents.parts.fileData.fileUri", arena));
    }
    if (name == "displayName") {
      TRY(media.name, string_in(value, "contents.parts.fileData.displayName", arena));
    }
  }
  media.kind = gemini_media_kind(media.media_type);
  media.source = is_kept_by_google(media.data) ? MediaSource::FileId : MediaSource::Url;
  return media;
}

Result<ToolCall> read_call(const Value& data, GeminiCalls& calls, Arena& arena) {
  ToolCall call{.arguments = "{}"};
  for (const auto [key, value] : data.members()) {
    if (!gemini_given(value)) continue;
    if (key == "id") {
      TRY(call.id, string_in(value, "contents.parts.functionCall.id", arena));
    }
    if (key == "name") {
      TRY(call.name, string_in(value, "contents.parts.functionCall.name", arena));
    }
    if (key == "args") {
      if (value.kind() != Kind::Object)
        return gemini_wrong("contents.parts.functionCall.args", "an object");
      call.arguments = value.raw();
    }
  }
  call.id = calls.call(call.id, call.name);
  return call;
}

// {"output": "…"} and its like are one text; {"error": …} says that the tool failed.
Part text_of_response(const Value& response, bool& is_error, Arena& arena) {
  std::size_t members = 0;
  std::string_view name;
  std::optional<Value> only;
  for (const auto [key, value] : response.members()) {
    ++members;
    name = key.plain_string().value_or("");
    only = value;
  }
  is_error = members == 1 && name == "error";
  if (members == 1 && (is_error || name == "output" || name == "result")) {
    return {Text{only->string(arena).value_or(only->raw())}};
  }
  return {Text{response.raw()}};
}

Result<void> read_response_parts(const Value& list, Arena& arena, ArenaList<Part>& parts) {
  for (const Value part : list.elements()) {
    ArenaList<Extra> ignored(arena);
    TRY(const Members found, members_of(part, arena, ignored));
    if (found.inline_data) {
      TRY(const Media media, read_inline(*found.inline_data, arena));
      parts.add({media});
    } else if (found.file_data) {
      TRY(const Media media, read_file(*found.file_data, arena));
      parts.add({media});
    } else {
      parts.add({Foreign{Dialect::Gemini, "functionResponse.parts", part.raw()}});
    }
  }
  return {};
}

Result<ToolResult> read_response(const Value& data, GeminiCalls& calls, Arena& arena,
                                 ArenaList<Extra>& extras) {
  ToolResult result;
  ArenaList<Part> parts(arena);
  for (const auto [key, value] : data.members()) {
    if (!gemini_given(value)) continue;
    const std::string_view name = gemini_name(key, arena);
    if (name == "id") {
      TRY(result.call_id, string_in(value, "contents.parts.functionResponse.id", arena));
    } else if (name == "name") {
      TRY(result.name, string_in(value, "contents.parts.functionResponse.name", arena));
    } else if (name == "response") {
      if (value.kind() != Kind::Object)
        return gemini_wrong("contents.parts.functionResponse.response", "an object");
      result.json = value.raw();
      parts.add(text_of_response(value, result.is_error, arena));
    } else if (name == "parts") {
      TRY_VOID(read_response_parts(value, arena, parts));
    } else {
      extras.add({Dialect::Gemini, arena.join("functionResponse.", name), value.raw()});
    }
  }
  result.call_id = calls.answer(result.call_id, result.name);
  result.parts = parts.all();
  return result;
}

// The seal of a text is Gemini's own and stays with it, or another's thoughts, that stand before.
void read_text(const Members& found, Arena& arena, std::span<const Extra> extras,
               ArenaList<Part>& parts) {
  const std::string_view text = found.text->string(arena).value_or("");
  const GeminiSeal seal = read_gemini_seal(found.signature, arena);
  const bool own = seal.seal.by == Dialect::Gemini;
  if (found.thought || (text.empty() && seal.seal.given())) {
    parts.add({.what = Thinking{.text = text,
                                .signature = seal.seal,
                                .redacted = seal.redacted,
                                .summary = found.thought && own},
               .extras = extras});
    return;
  }
  if (!own && seal.seal.given())
    parts.add({Thinking{.signature = seal.seal, .redacted = seal.redacted}});
  parts.add({.what = Text{text}, .extras = extras});
}

}  // namespace

void GeminiCalls::new_turn() {
  first_ = open_.size();
}

std::string_view GeminiCalls::call(std::string_view id, std::string_view name) {
  if (id.empty()) id = arena_->join(kGeminiMadeId, arena_->number(made_++));
  open_.add({id, name});
  return id;
}

std::string_view GeminiCalls::answer(std::string_view id, std::string_view name) {
  const std::span<Open> waiting = open_.all().subspan(first_);
  for (Open& one : waiting.first(std::min(waiting.size(), kLookedAt))) {
    if (one.answered || (id.empty() ? one.name != name : one.id != id)) continue;
    one.answered = true;
    id = one.id;
    break;
  }
  while (first_ < open_.size() && open_.all()[first_].answered) ++first_;
  return id.empty() ? arena_->join(kGeminiMadeId, arena_->number(made_++)) : id;
}

Result<void> read_gemini_part(const Value& part, GeminiCalls& calls, Arena& arena,
                              ArenaList<Part>& parts) {
  if (part.kind() != Kind::Object) return gemini_wrong("contents.parts", "objects");
  ArenaList<Extra> extras(arena);
  TRY(const Members found, members_of(part, arena, extras));
  const bool sealed_data = found.inline_data || found.file_data || found.response;
  const bool sealed_text = found.text && !found.thought && found.text->raw().size() > 2;
  const bool own_seal = read_gemini_seal(found.signature, arena).seal.by == Dialect::Gemini;
  if (!found.signature.empty() && own_seal && (sealed_data || sealed_text)) {
    extras.add({Dialect::Gemini, "thoughtSignature", json::quoted(found.signature, arena)});
  }
  if (!found.unknown.empty()) {
    // Code that was run, and whatever there will be.
    parts.add({Foreign{Dialect::Gemini, found.unknown, part.raw()}});
    return {};
  }
  if (found.call) {
    TRY(ToolCall call, read_call(*found.call, calls, arena));
    call.signature = read_gemini_seal(found.signature, arena).seal;
    parts.add({.what = call, .extras = extras.all()});
  } else if (found.response) {
    TRY(const ToolResult result, read_response(*found.response, calls, arena, extras));
    parts.add({.what = result, .extras = extras.all()});
  } else if (found.inline_data || found.file_data) {
    TRY(const Media media, found.inline_data ? read_inline(*found.inline_data, arena)
                                             : read_file(*found.file_data, arena));
    parts.add({.what = media, .extras = extras.all()});
  } else if (found.text) {
    if (found.text->kind() != Kind::String) return gemini_wrong("contents.parts.text", "a string");
    read_text(found, arena, extras.all(), parts);
  } else if (!found.signature.empty()) {
    const GeminiSeal seal = read_gemini_seal(found.signature, arena);
    parts.add(
        {Thinking{.signature = seal.seal, .redacted = seal.redacted, .summary = found.thought}});
  }
  return {};
}

}  // namespace sluice::dialect
