#include "base/text.h"
#include "dialect/conversation_text.h"
#include "dialect/gemini_reading.h"
#include "dialect/gemini_writing.h"

#include <algorithm>
#include <array>

namespace sluice::dialect {
namespace {

// What Google documents for calls that its models did not make themselves.
constexpr std::string_view kUnsigned = "skip_thought_signature_validator";
constexpr std::string_view kOfResponse = "functionResponse.";

struct Ending {
  std::string_view suffix;
  std::string_view media_type;
};
constexpr std::array kEndings = {Ending{".png", "image/png"},       Ending{".jpg", "image/jpeg"},
                                 Ending{".jpeg", "image/jpeg"},     Ending{".gif", "image/gif"},
                                 Ending{".webp", "image/webp"},     Ending{".heic", "image/heic"},
                                 Ending{".pdf", "application/pdf"}, Ending{".txt", "text/plain"},
                                 Ending{".md", "text/markdown"},    Ending{".html", "text/html"},
                                 Ending{".csv", "text/csv"},        Ending{".mp3", "audio/mp3"},
                                 Ending{".wav", "audio/wav"},       Ending{".flac", "audio/flac"},
                                 Ending{".ogg", "audio/ogg"},       Ending{".mp4", "video/mp4"},
                                 Ending{".mov", "video/mov"},       Ending{".webm", "video/webm"},
                                 Ending{".mpeg", "video/mpeg"}};

// Gemini wants to be told what is behind an address; the address mostly tells.
std::string_view media_type_of(const Media& media) {
  if (!media.media_type.empty()) return media.media_type;
  const std::string_view path = media.data.substr(0, media.data.find_first_of("?#"));
  for (const Ending& ending : kEndings) {
    if (path.size() >= ending.suffix.size() &&
        text::iequals(path.substr(path.size() - ending.suffix.size()), ending.suffix)) {
      return ending.media_type;
    }
  }
  switch (media.kind) {
    case MediaKind::Image:
      return "image/jpeg";
    case MediaKind::Audio:
      return "audio/mp3";
    case MediaKind::Video:
      return "video/mp4";
    case MediaKind::Document:
      break;
  }
  return "application/pdf";
}

bool is_system(const Turn& turn) {
  return turn.role == Role::System || turn.role == Role::Developer;
}

bool is_only_text(const Turn& turn) {
  return std::ranges::all_of(
      turn.parts, [](const Part& part) { return std::holds_alternative<Text>(part.what); });
}

bool is_members(std::string_view json) {
  return looks_like_object(json);
}

}  // namespace

GeminiContents::GeminiContents(GeminiDraft& draft)
    : draft_(draft),
      out_(draft.out),
      signs_calls_(gemini_generation(draft.wanted.model) >= 3),
      media_in_results_(gemini_generation(draft.wanted.model) >= 3) {}

Result<void> GeminiContents::write() {
  std::size_t next = 0;
  TRY_VOID(write_system(next));
  out_.key("contents").begin_array();
  for (const Turn& turn : draft_.conversation.turns.subspan(next)) TRY_VOID(write_turn(turn));
  TRY_VOID(close_content());
  out_.end_array();
  return {};
}

// Those that stand first; but something must be left to answer to.
Result<void> GeminiContents::write_system(std::size_t& next) {
  const auto turns = draft_.conversation.turns;
  while (next < turns.size() && is_system(turns[next]) && is_only_text(turns[next])) ++next;
  if (next == turns.size() && next > 0) {
    draft_.losses.approximate("messages.role");
    next = 0;
  }
  bool begun = false;
  for (const Turn& turn : turns.first(next)) {
    TRY_VOID(draft_.losses.extras(turn.extras, Dialect::Gemini));
    for (const Part& part : turn.parts) {
      const auto& text = std::get<Text>(part.what).text;
      TRY_VOID(lose_from(part));
      if (text.empty()) continue;
      if (!begun) out_.key("systemInstruction").begin_object().key("parts").begin_array();
      begun = true;
      out_.begin_object();
      write_text(text, &part);
      out_.end_object();
    }
  }
  if (begun) out_.end_array().end_object();
  return {};
}

Result<void> GeminiContents::write_turn(const Turn& turn) {
  const std::string_view role = turn.role == Role::Assistant ? "model" : "user";
  const bool results = turn.role == Role::Tool;
  // Results of parallel calls answer in one content.
  if (role_ != role || role == "user") {
    if (!(results && of_results_ && role_ == role)) TRY_VOID(close_content());
  }
  role_ = role;
  of_results_ = results;
  if (is_system(turn)) draft_.losses.approximate("messages.role");
  if (!turn.name.empty() && !results) TRY_VOID(draft_.losses.hint("messages.name"));
  TRY_VOID(draft_.losses.extras(turn.extras, Dialect::Gemini));
  for (const Part& part : turn.parts) {
    TRY_VOID(lose_from(part));
    TRY_VOID(write_part(part));
  }
  return {};
}

Result<void> GeminiContents::lose_from(const Part& part) {
  if (part.cache.set) TRY_VOID(draft_.losses.hint("cache_control"));
  return draft_.losses.extras(part.extras, Dialect::Gemini);
}

Result<void> GeminiContents::write_part(const Part& part) {
  if (const auto* text = std::get_if<Text>(&part.what)) {
    if (!text->citations.empty()) TRY_VOID(draft_.losses.hint("messages.content.citations"));
    if (text->text.empty() && part.extras.empty()) return {};
    begin_part();
    write_text(text->text, &part);
    out_.end_object();
    return {};
  }
  if (const auto* refusal = std::get_if<Refusal>(&part.what)) {
    if (refusal->text.empty()) return {};
    begin_part();
    write_text(refusal->text, &part);
    out_.end_object();
    return {};
  }
  if (const auto* media = std::get_if<Media>(&part.what)) return write_media(*media, &part);
  if (const auto* call = std::get_if<ToolCall>(&part.what)) return write_call(*call, part);
  if (const auto* result = std::get_if<ToolResult>(&part.what)) return write_result(*result, part);
  if (const auto* thinking = std::get_if<Thinking>(&part.what))
    return write_thinking(*thinking, part);
  const auto& foreign = std::get<Foreign>(part.what);
  if (foreign.of != Dialect::Gemini) return draft_.losses.lose(foreign.importance, foreign.type);
  open_content();
  out_.raw(foreign.json);
  return {};
}

void GeminiContents::open_content() {
  if (open_) return;
  out_.begin_object().member("role", role_).key("parts").begin_array();
  open_ = true;
  any_content_ = true;
  call_written_ = false;
}

void GeminiContents::begin_part() {
  open_content();
  out_.begin_object();
}

Result<void> GeminiContents::close_content() {
  for (const Media& media : behind_) TRY_VOID(write_media(media, nullptr));
  behind_.clear();
  if (open_) out_.end_array().end_object();
  open_ = false;
  of_results_ = false;
  role_ = {};
  return {};
}

void GeminiContents::write_text(std::string_view text, const Part* part) {
  out_.member("text", text);
  if (part) write_extras(*part);
}

void GeminiContents::write_extras(const Part& part) {
  for (const Extra& extra : part.extras) {
    if (extra.of == Dialect::Gemini && !extra.name.starts_with(kOfResponse))
      out_.key(extra.name).raw(extra.json);
  }
}

Result<void> GeminiContents::write_media(const Media& media, const Part* part) {
  if (!media.detail.empty() && media.detail != "auto")
    TRY_VOID(draft_.losses.hint("messages.content.detail"));
  if (!media.context.empty()) TRY_VOID(draft_.losses.hint("messages.content.context"));
  if (media.citations) TRY_VOID(draft_.losses.hint("messages.content.citations"));
  switch (media.source) {
    case MediaSource::PlainText:
      begin_part();
      write_text(media.data, part);
      out_.end_object();
      return {};
    case MediaSource::Base64:
      begin_part();
      out_.key("inlineData").begin_object().member("mimeType", media_type_of(media));
      out_.member("data", media.data);
      break;
    case MediaSource::Url:
    case MediaSource::FileId:
      if (media.source == MediaSource::FileId && media.of != Dialect::Gemini) {
        return draft_.losses.meaning("messages.content.file_id",
                                     "the file is kept by another provider");
      }
      begin_part();
      out_.key("fileData").begin_object();
      if (media.source == MediaSource::Url || !media.media_type.empty())
        out_.member("mimeType", media_type_of(media));
      out_.member("fileUri", media.data);
      break;
    case MediaSource::Json:
      return draft_.losses.meaning("messages.content.source", "only its own provider knows it");
  }
  if (!media.name.empty() && media.of == Dialect::Gemini) out_.member("displayName", media.name);
  out_.end_object();
  if (part) write_extras(*part);
  out_.end_object();
  return {};
}

Result<void> GeminiContents::write_call(const ToolCall& call, const Part& part) {
  if (call.kind == ToolKind::BuiltIn) return draft_.losses.meaning(call.name, "a provider ran it");
  // A call answers to a user; where none has spoken, one that says nothing does.
  if (!any_content_) {
    out_.begin_object().member("role", "user").key("parts").begin_array();
    out_.begin_object().member("text", " ").end_object().end_array().end_object();
  }
  begin_part();
  out_.key("functionCall").begin_object();
  if (!call.id.empty() && !call.id.starts_with(kGeminiMadeId)) out_.member("id", call.id);
  out_.member("name", call.name);
  out_.key("args").raw(arguments_object(call, draft_.losses, draft_.arena));
  out_.end_object();
  if (call.signature.given() && call.signature.by == Dialect::Gemini) {
    out_.member("thoughtSignature", call.signature.text);
  } else if (signs_calls_ && !call_written_) {
    out_.member("thoughtSignature", kUnsigned);
  }
  call_written_ = true;
  write_extras(part);
  out_.end_object();
  return {};
}

Result<void> GeminiContents::write_result(const ToolResult& result, const Part& part) {
  begin_part();
  out_.key("functionResponse").begin_object();
  if (!result.call_id.empty() && !result.call_id.starts_with(kGeminiMadeId))
    out_.member("id", result.call_id);
  out_.member("name", result.name.empty() ? name_of_call(result.call_id) : result.name);
  out_.key("response");
  write_response(result);
  TRY(const bool all, write_response_parts(result));
  if (!all) draft_.losses.approximate("messages.content");
  for (const Extra& extra : part.extras) {
    if (extra.of == Dialect::Gemini && extra.name.starts_with(kOfResponse))
      out_.key(extra.name.substr(kOfResponse.size())).raw(extra.json);
  }
  out_.end_object();
  write_extras(part);
  out_.end_object();
  return {};
}

void GeminiContents::write_response(const ToolResult& result) {
  if (is_members(result.json)) {
    out_.raw(result.json);
    return;
  }
  const std::string_view key = result.is_error ? "error" : "output";
  out_.begin_object().key(key);
  if (!result.json.empty()) {
    out_.raw(result.json);
  } else {
    out_.value(joined_text(result.parts, "\n", draft_.arena));
  }
  out_.end_object();
}

// Whether the result says its media itself, where it has any.
Result<bool> GeminiContents::write_response_parts(const ToolResult& result) {
  bool begun = false;
  bool all = true;
  for (const Part& part : result.parts) {
    TRY_VOID(lose_from(part));
    if (const auto* foreign = std::get_if<Foreign>(&part.what)) {
      if (foreign->of != Dialect::Gemini) {
        TRY_VOID(draft_.losses.lose(foreign->importance, foreign->type));
        continue;
      }
      if (!begun) out_.key("parts").begin_array();
      begun = true;
      out_.raw(foreign->json);
    }
    const auto* media = std::get_if<Media>(&part.what);
    if (!media) continue;
    if (media->source == MediaSource::Json ||
        (media->source == MediaSource::FileId && media->of != Dialect::Gemini)) {
      TRY_VOID(draft_.losses.meaning("messages.content.file_id"));
      continue;
    }
    if (media->source == MediaSource::PlainText ||
        (!media_in_results_ && media->of != Dialect::Gemini)) {
      behind_.push_back(*media);
      all = false;
      continue;
    }
    if (!begun) out_.key("parts").begin_array();
    begun = true;
    TRY_VOID(write_media(*media, nullptr));
  }
  if (begun) out_.end_array();
  return all;
}

Result<void> GeminiContents::write_thinking(const Thinking& thinking, const Part& part) {
  const Sealed& seal = thinking.signature;
  if (seal.given() && seal.by != Dialect::Gemini) return draft_.losses.hint("reasoning");
  if (thinking.redacted && !seal.given()) return {};
  if (thinking.text.empty() && !seal.given()) return {};
  begin_part();
  // A seal without thoughts stands with an empty text, as Gemini itself sends it.
  if (thinking.summary || !thinking.text.empty()) out_.member("thought", true);
  out_.member("text", thinking.text);
  if (seal.given()) out_.member("thoughtSignature", seal.text);
  write_extras(part);
  out_.end_object();
  return {};
}

std::string_view GeminiContents::name_of_call(std::string_view id) {
  if (!names_) {
    names_.emplace();
    for (const Turn& turn : draft_.conversation.turns) {
      for (const Part& part : turn.parts) {
        if (const auto* call = std::get_if<ToolCall>(&part.what)) (*names_)[call->id] = call->name;
      }
    }
  }
  const auto found = names_->find(id);
  return found == names_->end() || found->second.empty() ? "unknown" : found->second;
}

}  // namespace sluice::dialect
