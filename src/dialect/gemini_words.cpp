#include "dialect/gemini_words.h"

#include "dialect/base64.h"
#include "dialect/seals.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sluice::dialect {
namespace {

constexpr std::string_view kRedacted = "redacted:";
// How base64 of either mark begins.
constexpr std::string_view kMarked = "c2x1aWNlO";
constexpr std::string_view kMarkedRedacted = "cmVkYWN0ZWQ6c2x1aWNlO";

struct Finish {
  std::string_view native;
  FinishReason reason;
};
constexpr std::array kFinishes = {
    Finish{"STOP", FinishReason::Stop},
    Finish{"MAX_TOKENS", FinishReason::Length},
    Finish{"SAFETY", FinishReason::ContentFilter},
    Finish{"RECITATION", FinishReason::ContentFilter},
    Finish{"BLOCKLIST", FinishReason::ContentFilter},
    Finish{"PROHIBITED_CONTENT", FinishReason::ContentFilter},
    Finish{"SPII", FinishReason::ContentFilter},
    Finish{"MODEL_ARMOR", FinishReason::ContentFilter},
    Finish{"IMAGE_SAFETY", FinishReason::ContentFilter},
    Finish{"IMAGE_PROHIBITED_CONTENT", FinishReason::ContentFilter},
    Finish{"IMAGE_RECITATION", FinishReason::ContentFilter},
    Finish{"LANGUAGE", FinishReason::Other},
    Finish{"OTHER", FinishReason::Other},
    Finish{"MALFORMED_FUNCTION_CALL", FinishReason::Other},
    Finish{"UNEXPECTED_TOOL_CALL", FinishReason::Other},
    Finish{"TOO_MANY_TOOL_CALLS", FinishReason::Other},
    Finish{"MISSING_THOUGHT_SIGNATURE", FinishReason::Other},
    Finish{"MALFORMED_RESPONSE", FinishReason::Other},
    Finish{"NO_IMAGE", FinishReason::Other},
    Finish{"IMAGE_OTHER", FinishReason::Other},
};

std::int64_t count_of(const json::Value& value) {
  return std::max<std::int64_t>(value.integer().value_or(0), 0);
}

void add_details(const json::Value& details, std::int64_t& audio, std::int64_t& image) {
  for (const json::Value detail : details.elements()) {
    const auto modality = detail.find("modality");
    const auto tokens = detail.find("tokenCount");
    if (!modality || !tokens) continue;
    if (*modality == "AUDIO") audio += count_of(*tokens);
    if (*modality == "IMAGE") image += count_of(*tokens);
  }
}

}  // namespace

std::string_view gemini_name(const json::Value& key, Arena& arena) {
  const std::string_view name = key.string(arena).value_or("");
  if (name.find('_') == std::string_view::npos) return name;
  const std::span<char> room = arena.array<char>(name.size());
  std::size_t size = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '_') {
      room[size++] = name[i];
    } else if (size != 0 && i + 1 < name.size()) {
      const char next = name[++i];
      room[size++] = next >= 'a' && next <= 'z' ? static_cast<char>(next - 'a' + 'A') : next;
    }
  }
  return {room.data(), size};
}

std::unexpected<Failure> gemini_wrong(std::string_view field, std::string_view expected) {
  ApiError error{.kind = ErrorKind::InvalidRequest,
                 .code = "invalid_request",
                 .message = std::string(field) + " must be " + std::string(expected) + ".",
                 .param = std::string(field)};
  return fail(std::move(error));
}

void append_gemini_seal(std::string& out, const Sealed& seal, bool redacted) {
  if (seal.by == Dialect::Gemini) {
    out += seal.text;
    return;
  }
  std::string marked(redacted ? kRedacted : "");
  carry_seal(seal, Dialect::Gemini, marked);
  append_base64(out, marked);
}

GeminiSeal read_gemini_seal(std::string_view text, Arena& arena) {
  if (text.starts_with(kMarked) || text.starts_with(kMarkedRedacted)) {
    std::string_view marked = from_base64(text, arena);
    const bool redacted = marked.starts_with(kRedacted);
    if (redacted) marked.remove_prefix(kRedacted.size());
    const Sealed seal = read_seal(marked, Dialect::Gemini);
    if (seal.by != Dialect::Gemini) return {seal, redacted};
  }
  return {{Dialect::Gemini, text}, false};
}

FinishReason gemini_finish_reason(std::string_view native) {
  const auto* row = std::ranges::find(kFinishes, native, &Finish::native);
  return row == kFinishes.end() ? FinishReason::Other : row->reason;
}

std::string_view gemini_finish_name(FinishReason reason, std::string_view native) {
  const auto* row = std::ranges::find(kFinishes, native, &Finish::native);
  if (row != kFinishes.end() && row->reason == reason) return row->native;
  switch (reason) {
    case FinishReason::Stop:
    case FinishReason::StopSequence:
    case FinishReason::ToolCalls:
    case FinishReason::Pause:
      return "STOP";
    case FinishReason::Length:
    case FinishReason::ContextLength:
      return "MAX_TOKENS";
    case FinishReason::ContentFilter:
    case FinishReason::Refusal:
      return "SAFETY";
    case FinishReason::Other:
      break;
  }
  return "OTHER";
}

MediaKind gemini_media_kind(std::string_view media_type) {
  if (media_type.starts_with("image/")) return MediaKind::Image;
  if (media_type.starts_with("audio/")) return MediaKind::Audio;
  if (media_type.starts_with("video/")) return MediaKind::Video;
  return MediaKind::Document;
}

int gemini_generation(std::string_view model) {
  constexpr std::string_view kName = "gemini-";
  const std::size_t at = model.rfind(kName);
  if (at == std::string_view::npos) return 0;
  model.remove_prefix(at + kName.size());
  int generation = 0;
  while (!model.empty() && model.front() >= '0' && model.front() <= '9' && generation < 100) {
    generation = 10 * generation + (model.front() - '0');
    model.remove_prefix(1);
  }
  // "gemini-flash-latest" and the like are always of the newest.
  return generation == 0 && model.ends_with("-latest") ? 3 : generation;
}

std::optional<Usage> read_gemini_usage(const json::Value& metadata) {
  Usage usage;
  std::int64_t tools = 0;
  bool told = false;
  for (const auto [key, value] : metadata.members()) {
    const std::string_view name = key.plain_string().value_or("");
    if (name.ends_with("TokenCount")) {
      told = true;
      if (name == "promptTokenCount") usage.input = count_of(value);
      if (name == "toolUsePromptTokenCount") tools = count_of(value);
      if (name == "cachedContentTokenCount") usage.cached = count_of(value);
      if (name == "candidatesTokenCount") usage.output = count_of(value);
      if (name == "thoughtsTokenCount") usage.reasoning = count_of(value);
    } else if (name == "promptTokensDetails" || name == "toolUsePromptTokensDetails") {
      add_details(value, usage.audio_input, usage.image_input);
    } else if (name == "candidatesTokensDetails") {
      add_details(value, usage.audio_output, usage.image_output);
    }
  }
  if (!told) return std::nullopt;
  // What the provider's own tools found is read by the model, too; thoughts are written by it.
  usage.input += tools;
  usage.output += usage.reasoning;
  return usage;
}

}  // namespace sluice::dialect
