#include "dialect/gemini_reading.h"

#include <algorithm>
#include <array>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

constexpr std::array<std::string_view, 20> kSettings = {"maxOutputTokens",
                                                        "temperature",
                                                        "topP",
                                                        "topK",
                                                        "stopSequences",
                                                        "candidateCount",
                                                        "seed",
                                                        "presencePenalty",
                                                        "frequencyPenalty",
                                                        "responseLogprobs",
                                                        "logprobs",
                                                        "responseMimeType",
                                                        "responseSchema",
                                                        "responseJsonSchema",
                                                        "responseModalities",
                                                        "speechConfig",
                                                        "thinkingConfig",
                                                        "mediaResolution",
                                                        "imageConfig",
                                                        "routingConfig"};

std::string_view under(std::string_view object, std::string_view name, Arena& arena) {
  return arena.join(object, ".", name);
}

class ConfigReader {
 public:
  ConfigReader(Arena& arena, Conversation& conversation, ArenaList<Extra>& extras)
      : arena_(arena), conversation_(conversation), extras_(extras) {}

  Result<void> read(const Value& config) {
    std::uint32_t seen = 0;
    for (const auto [key, value] : config.members()) {
      const std::string_view name = gemini_name(key, arena_);
      if (const auto* known = std::ranges::find(kSettings, name); known != kSettings.end()) {
        const std::uint32_t bit = 1U << (known - kSettings.begin());
        if (seen & bit) return gemini_wrong(in(name), "given once");
        seen |= bit;
      }
      if (gemini_given(value)) TRY_VOID(read_setting(name, value));
    }
    return finish();
  }

 private:
  std::string_view in(std::string_view name) { return under("generationConfig", name, arena_); }

  void keep(std::string_view name, const Value& value, Importance importance = Importance::Hint) {
    extras_.add({Dialect::Gemini, in(name), value.raw(), importance});
  }

  Result<JsonText> number(std::string_view name, const Value& value) {
    if (value.kind() != Kind::Number) return gemini_wrong(in(name), "a number");
    return value.raw();
  }

  Result<std::int64_t> whole(std::string_view name, const Value& value) {
    const auto read = value.integer();
    if (!read) return gemini_wrong(in(name), "a whole number");
    return *read;
  }

  Result<void> read_setting(std::string_view name, const Value& value) {
    if (name == "temperature") return into(conversation_.temperature, number(name, value));
    if (name == "topP") return into(conversation_.top_p, number(name, value));
    if (name == "topK") return into(conversation_.top_k, number(name, value));
    if (name == "seed") return into(conversation_.seed, number(name, value));
    if (name == "presencePenalty") return into(conversation_.presence_penalty, number(name, value));
    if (name == "frequencyPenalty")
      return into(conversation_.frequency_penalty, number(name, value));
    if (name == "maxOutputTokens") return into(conversation_.max_tokens, whole(name, value));
    if (name == "candidateCount") return into(conversation_.choices, whole(name, value));
    if (name == "logprobs") return into(conversation_.top_logprobs, whole(name, value));
    if (name == "responseLogprobs") {
      conversation_.logprobs = value.boolean();
      if (!conversation_.logprobs) return gemini_wrong(in(name), "true or false");
      return {};
    }
    if (name == "stopSequences") return read_stops(value);
    if (name == "thinkingConfig") return read_thinking(value);
    if (name == "responseModalities") return read_modalities(value);
    if (name == "speechConfig") return read_speech(value);
    if (name == "responseMimeType") return read_mime_type(value);
    if (name == "responseSchema") {
      schema_ = json_schema_of(value, arena_);
    } else if (name == "responseJsonSchema") {
      schema_ = value.raw();
    } else {
      keep(name, value);
    }
    return {};
  }

  template <class To, class From>
  static Result<void> into(To& to, Result<From> from) {
    if (!from) return pass_on(from.error());
    to = *from;
    return {};
  }

  Result<void> read_stops(const Value& value) {
    if (value.kind() != Kind::Array) return gemini_wrong(in("stopSequences"), "a list of strings");
    ArenaList<std::string_view> stops(arena_);
    for (const Value stop : value.elements()) {
      const auto text = stop.string(arena_);
      if (!text) return gemini_wrong(in("stopSequences"), "a list of strings");
      stops.add(*text);
    }
    conversation_.stop = stops.all();
    return {};
  }

  Result<void> read_thinking(const Value& value) {
    Reasoning& reasoning = conversation_.reasoning;
    for (const auto [key, member] : value.members()) {
      if (!gemini_given(member)) continue;
      const std::string_view name = gemini_name(key, arena_);
      if (name == "includeThoughts") {
        reasoning.shown = member.boolean();
      } else if (name == "thinkingBudget") {
        const auto budget = member.integer();
        if (!budget) return gemini_wrong(in("thinkingConfig.thinkingBudget"), "a whole number");
        reasoning.kind = *budget == 0  ? Reasoning::Kind::Off
                         : *budget < 0 ? Reasoning::Kind::Adaptive
                                       : Reasoning::Kind::Budget;
        reasoning.budget = std::max<std::int64_t>(*budget, 0);
      } else if (name == "thinkingLevel") {
        read_level(member);
      } else {
        keep(under("thinkingConfig", name, arena_), member);
      }
    }
    // Here thoughts are shown on request only.
    if (!reasoning.shown && thinks(reasoning)) reasoning.shown = false;
    return {};
  }

  static bool thinks(const Reasoning& reasoning) {
    return reasoning.kind != Reasoning::Kind::NotGiven && reasoning.kind != Reasoning::Kind::Off;
  }

  void read_level(const Value& value) {
    const std::string_view level = value.string(arena_).value_or("");
    const std::span<char> lower = arena_.array<char>(level.size());
    std::ranges::transform(level, lower.begin(), [](char letter) {
      return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
    });
    const std::string_view effort(lower.data(), lower.size());
    if (effort.empty() || effort == "thinking_level_unspecified") return;
    conversation_.reasoning.effort = effort;
    if (conversation_.reasoning.kind == Reasoning::Kind::NotGiven)
      conversation_.reasoning.kind = Reasoning::Kind::Effort;
  }

  // Text alone, text with images, and speech alone can be said in our words.
  Result<void> read_modalities(const Value& value) {
    bool text = false;
    bool image = false;
    bool audio = false;
    bool other = false;
    for (const Value modality : value.elements()) {
      if (modality == "TEXT" || modality == "text") {
        text = true;
      } else if (modality == "IMAGE" || modality == "image") {
        image = true;
      } else if (modality == "AUDIO" || modality == "audio") {
        audio = true;
      } else {
        other = true;
      }
    }
    conversation_.images_wanted = image;
    conversation_.spoken.wanted = audio;
    const bool said = !other && (audio ? !text && !image : text || !image);
    if (!said) keep("responseModalities", value);
    return {};
  }

  Result<void> read_speech(const Value& value) {
    std::optional<Value> named = value;
    for (const std::string_view step : {"voiceConfig", "prebuiltVoiceConfig", "voiceName"}) {
      named = only_member(*named, step);
      if (!named) break;
    }
    if (named) {
      conversation_.spoken.voice = named->string(arena_).value_or("");
    } else {
      keep("speechConfig", value);
    }
    return {};
  }

  std::optional<Value> only_member(const Value& object, std::string_view wanted) {
    std::optional<Value> found;
    for (const auto [key, value] : object.members()) {
      if (found || gemini_name(key, arena_) != wanted) return std::nullopt;
      found = value;
    }
    return found;
  }

  Result<void> read_mime_type(const Value& value) {
    const auto type = value.string(arena_);
    if (!type) return gemini_wrong(in("responseMimeType"), "a string");
    if (*type == "application/json") {
      conversation_.format.kind = OutputFormat::Kind::JsonObject;
    } else if (*type == "text/plain") {
      conversation_.format.kind = OutputFormat::Kind::Text;
    } else {
      keep("responseMimeType", value, Importance::Meaning);
    }
    return {};
  }

  Result<void> finish() {
    if (schema_.empty()) return {};
    conversation_.format.kind = OutputFormat::Kind::JsonSchema;
    conversation_.format.schema = schema_;
    return {};
  }

  Arena& arena_;
  Conversation& conversation_;
  ArenaList<Extra>& extras_;
  JsonText schema_;
};

Result<Tool> read_declaration(const Value& declaration, Arena& arena) {
  Tool tool{.of = Dialect::Gemini, .json = declaration.raw()};
  for (const auto [key, value] : declaration.members()) {
    if (!gemini_given(value)) continue;
    const std::string_view name = gemini_name(key, arena);
    if (name == "name") {
      tool.name = value.string(arena).value_or("");
    } else if (name == "description") {
      tool.description = value.string(arena).value_or("");
    } else if (name == "parameters") {
      tool.parameters = json_schema_of(value, arena);
    } else if (name == "parametersJsonSchema") {
      tool.parameters = value.raw();
    }
  }
  if (tool.name.empty()) return gemini_wrong("tools.functionDeclarations.name", "a string");
  return tool;
}

Result<void> read_choice(const Value& config, Arena& arena, Conversation& conversation,
                         ArenaList<Extra>& extras) {
  using Kind = ToolChoice::Kind;
  ToolChoice& choice = conversation.tool_choice;
  ArenaList<std::string_view> allowed(arena);
  bool said = true;
  for (const auto [key, value] : config.members()) {
    if (!gemini_given(value)) continue;
    const std::string_view name = gemini_name(key, arena);
    if (name == "mode") {
      if (value == "AUTO" || value == "auto") choice.kind = Kind::Auto;
      if (value == "ANY" || value == "any") choice.kind = Kind::Required;
      if (value == "NONE" || value == "none") choice.kind = Kind::None;
      if (value == "VALIDATED") {
        choice.kind = Kind::Auto;
        said = false;
      }
    } else if (name == "allowedFunctionNames") {
      for (const Value one : value.elements()) allowed.add(one.string(arena).value_or(""));
    } else {
      said = false;
    }
  }
  choice.allowed = allowed.all();
  if (choice.kind == Kind::Required && allowed.size() == 1) {
    choice.kind = Kind::Named;
    choice.name = allowed.last();
    choice.allowed = {};
  }
  if (!said) extras.add({Dialect::Gemini, "toolConfig.functionCallingConfig", config.raw()});
  return {};
}

}  // namespace

Result<void> read_gemini_config(const Value& config, Arena& arena, Conversation& conversation,
                                ArenaList<Extra>& extras) {
  if (config.kind() != Kind::Object) return gemini_wrong("generationConfig", "an object");
  return ConfigReader(arena, conversation, extras).read(config);
}

Result<void> read_gemini_tools(const Value& tools, Arena& arena, Conversation& conversation) {
  if (tools.kind() != Kind::Array) return gemini_wrong("tools", "a list");
  ArenaList<Tool> list(arena);
  for (const Value tool : tools.elements()) {
    for (const auto [key, value] : tool.members()) {
      if (!gemini_given(value)) continue;
      const std::string_view name = gemini_name(key, arena);
      if (name == "functionDeclarations") {
        for (const Value one : value.elements()) {
          TRY(const Tool read, read_declaration(one, arena));
          list.add(read);
        }
      } else {
        list.add({.kind = ToolKind::BuiltIn,
                  .name = name,
                  .of = Dialect::Gemini,
                  .type = name,
                  .json = arena.join("{", key.raw(), ":", value.raw(), "}")});
      }
    }
  }
  conversation.tools = list.all();
  return {};
}

Result<void> read_gemini_tool_config(const Value& config, Arena& arena, Conversation& conversation,
                                     ArenaList<Extra>& extras) {
  if (config.kind() != Kind::Object) return gemini_wrong("toolConfig", "an object");
  for (const auto [key, value] : config.members()) {
    if (!gemini_given(value)) continue;
    const std::string_view name = gemini_name(key, arena);
    if (name == "functionCallingConfig") {
      TRY_VOID(read_choice(value, arena, conversation, extras));
    } else {
      extras.add({Dialect::Gemini, under("toolConfig", name, arena), value.raw()});
    }
  }
  return {};
}

}  // namespace sluice::dialect
