#include "dialect/request_fields.h"

#include "base/json.h"
#include "base/json_editor.h"
#include "base/text.h"
#include "dialect/arena_list.h"

#include <algorithm>
#include <optional>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

enum class Form : std::uint8_t { AsIs, List };

// Where a dialect has what OpenAI calls `name`: in a container or, without one, at the top. A field
// of two keys has its value in either of them. Without a key: nowhere.
struct Place {
  std::string_view name;
  std::string_view container = {};
  std::string_view key = {};
  std::string_view other_key = {};
  Form form = Form::AsIs;
};

constexpr Place kChat[] = {
    {"max_tokens", "", "max_tokens", "max_completion_tokens"},
};
constexpr Place kCompletions[] = {
    {"max_tokens", "", "max_tokens"},
    {"reasoning_effort"},
    {"verbosity"},
    {"response_format"},
};
constexpr Place kResponses[] = {
    {"max_tokens", "", "max_output_tokens"},
    {"reasoning_effort", "reasoning", "effort"},
    {"verbosity", "text", "verbosity"},
    {"stop"},
    {"n"},
    {"seed"},
    {"presence_penalty"},
    {"frequency_penalty"},
    {"logit_bias"},
    {"logprobs"},
    {"response_format"},
};
constexpr Place kMessages[] = {
    {"temperature", "", "temperature"},
    {"top_p", "", "top_p"},
    {"top_k", "", "top_k"},
    {"max_tokens", "", "max_tokens"},
    {"stop", "", "stop_sequences", "", Form::List},
    {"user", "metadata", "user_id"},
};
constexpr std::string_view kConfig = "generationConfig";
constexpr std::string_view kSnakeConfig = "generation_config";
constexpr Place kGemini[] = {
    {"temperature", kConfig, "temperature"},
    {"top_p", kConfig, "topP", "top_p"},
    {"top_k", kConfig, "topK", "top_k"},
    {"max_tokens", kConfig, "maxOutputTokens", "max_output_tokens"},
    {"stop", kConfig, "stopSequences", "stop_sequences", Form::List},
    {"seed", kConfig, "seed"},
    {"presence_penalty", kConfig, "presencePenalty", "presence_penalty"},
    {"frequency_penalty", kConfig, "frequencyPenalty", "frequency_penalty"},
    {"n", kConfig, "candidateCount", "candidate_count"},
    {"logprobs", kConfig, "responseLogprobs", "response_logprobs"},
    {"top_logprobs", kConfig, "logprobs"},
};
constexpr Place kConverse[] = {
    {"temperature", "inferenceConfig", "temperature"},
    {"top_p", "inferenceConfig", "topP"},
    {"max_tokens", "inferenceConfig", "maxTokens"},
    {"stop", "inferenceConfig", "stopSequences", "", Form::List},
};
// Fields of conversations that OpenAI's other operations would refuse.
constexpr Place kOthers[] = {
    {"temperature"},
    {"top_p"},
    {"top_k"},
    {"max_tokens"},
    {"stop"},
    {"reasoning_effort"},
    {"verbosity"},
    {"presence_penalty"},
    {"frequency_penalty"},
    {"seed"},
    {"logit_bias"},
    {"logprobs"},
    {"top_logprobs"},
};

std::span<const Place> places_of(Dialect dialect) {
  switch (dialect) {
    case Dialect::Chat:
      return kChat;
    case Dialect::Completions:
      return kCompletions;
    case Dialect::Responses:
      return kResponses;
    case Dialect::Messages:
      return kMessages;
    case Dialect::Gemini:
      return kGemini;
    case Dialect::Converse:
      return kConverse;
    case Dialect::OpenAi:
      return kOthers;
    default:
      return {};
  }
}

// OpenAI has three names for it.
std::string_view proper(std::string_view name) {
  const bool limit = name == "max_completion_tokens" || name == "max_output_tokens";
  return limit ? "max_tokens" : name;
}

bool takes_any(Dialect dialect) {
  return dialect == Dialect::Chat || dialect == Dialect::Completions ||
         dialect == Dialect::Responses || dialect == Dialect::OpenAi;
}

bool is_plain(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char letter) {
    return letter > 0x20 && letter < 0x7f && letter != '"' && letter != '\\';
  });
}

// Nothing: it is left out.
std::optional<Place> place_of(Dialect dialect, std::string_view name) {
  if (name == "model" || name == "stream" || !is_plain(name)) return std::nullopt;
  const auto places = places_of(dialect);
  const auto found = std::ranges::find(places, proper(name), &Place::name);
  if (found == places.end()) {
    if (!takes_any(dialect)) return std::nullopt;
    return Place{.name = name, .key = name};
  }
  if (found->key.empty()) return std::nullopt;
  Place place = *found;
  if (name == place.other_key) std::swap(place.key, place.other_key);
  return place;
}

bool names_again(std::span<const Field> fields, std::string_view name) {
  return std::ranges::any_of(
      fields, [&](const Field& field) { return proper(field.name) == proper(name); });
}

class Splice {
 public:
  Splice(std::string_view body, const Value& root, Dialect dialect, Arena& arena)
      : root_(root), dialect_(dialect), arena_(arena), editor_(body, arena), added_(arena) {}

  void add_default(const Field& field) {
    const auto place = place_of(dialect_, field.name);
    if (!place || field.value == "null") return;
    const Home home = home_of(*place);
    if (home.is_strange || says(home, *place)) return;
    write(home, *place, field.value);
  }

  void override_with(const Field& field) {
    const auto place = place_of(dialect_, field.name);
    if (!place) return;
    const Home home = home_of(*place);
    if (home.is_strange) return;
    if (home.object) erase_lookalikes(*home.object, *place);
    if (field.value == "null") return erase(home, *place);
    write(home, *place, field.value);
  }

  std::optional<json::Edited> compose() {
    write_new_containers();
    if (editor_.empty()) return std::nullopt;
    return editor_.compose();
  }

 private:
  // The object that the field is in.
  struct Home {
    std::optional<Value> object;
    std::string_view name;    // Of one that is to be made.
    bool is_strange = false;  // No object: whoever is asked will say so.
  };
  struct Added {
    std::string_view container;
    std::string_view key;
    std::string_view json;
    bool is_written = false;
  };

  Home home_of(const Place& place) const {
    if (place.container.empty()) return {.object = root_, .name = {}};
    std::string_view name = place.container;
    auto container = root_.find(name);
    if (!container && name == kConfig) {
      container = root_.find(kSnakeConfig);
      if (container) name = kSnakeConfig;
    }
    if (!container || container->kind() == Kind::Null) return {.object = {}, .name = name};
    return {.object = container, .name = name, .is_strange = container->kind() != Kind::Object};
  }

  static bool says(const Home& home, const Place& place) {
    if (!home.object) return false;
    for (const std::string_view key : {place.key, place.other_key}) {
      const auto value = key.empty() ? std::nullopt : home.object->find(key);
      if (value && value->kind() != Kind::Null) return true;
    }
    return false;
  }

  void write(const Home& home, const Place& place, std::string_view json) {
    if (place.form == Form::List && !json.starts_with('[')) json = arena_.join("[", json, "]");
    if (!home.object) {
      added_.add({home.name, place.key, json});
      return;
    }
    const bool other = !place.other_key.empty() && home.object->find(place.other_key);
    if (other) editor_.set_member(*home.object, place.other_key, json);
    if (!other || home.object->find(place.key)) editor_.set_member(*home.object, place.key, json);
  }

  void erase(const Home& home, const Place& place) {
    if (!home.object) return;
    for (const std::string_view key : {place.key, place.other_key}) {
      if (!key.empty() && home.object->find(key)) editor_.erase_member(*home.object, key);
    }
  }

  // Some servers read names in any case: none may stand beside the one that is set.
  void erase_lookalikes(const Value& object, const Place& place) {
    for (const auto [key, value] : object.members()) {
      const std::string_view name = key.string(arena_).value_or("");
      if (name == place.key || name == place.other_key || name.empty()) continue;
      if (text::iequals(name, place.key) || text::iequals(name, place.other_key))
        editor_.erase_member(object, name);
    }
  }

  void write_new_containers() {
    const auto all = added_.all();
    for (Added& first : all) {
      if (first.is_written) continue;
      std::string_view members;
      for (Added& one : all) {
        if (one.container != first.container) continue;
        members = arena_.join(members, members.empty() ? "\"" : ",\"", one.key, "\":", one.json);
        one.is_written = true;
      }
      editor_.set_member(root_, first.container, arena_.join("{", members, "}"));
    }
  }

  const Value& root_;
  Dialect dialect_;
  Arena& arena_;
  json::Editor editor_;
  ArenaList<Added> added_;
};

json::Reader& reader() {
  thread_local json::Reader one;
  return one;
}

}  // namespace

Result<std::string_view> with_fields(std::string_view body, Dialect dialect,
                                     std::span<const Field> defaults,
                                     std::span<const Field> overrides, Arena& arena) {
  TRY(const Value root, reader().parse(body, {.strict_up_to = 0}));
  if (root.kind() != Kind::Object) return body;
  Splice splice(body, root, dialect, arena);
  for (std::size_t i = 0; i < defaults.size(); ++i) {
    const std::string_view name = defaults[i].name;
    if (names_again(defaults.subspan(i + 1), name) || names_again(overrides, name)) continue;
    splice.add_default(defaults[i]);
  }
  for (std::size_t i = 0; i < overrides.size(); ++i) {
    if (!names_again(overrides.subspan(i + 1), overrides[i].name))
      splice.override_with(overrides[i]);
  }
  const auto edited = splice.compose();
  if (!edited) return body;
  const auto whole = arena.array<char>(edited->size);
  char* at = whole.data();
  for (const std::string_view piece : edited->pieces) at = std::ranges::copy(piece, at).out;
  return std::string_view(whole.data(), whole.size());
}

}  // namespace sluice::dialect
