#include "dialect/arena_list.h"
#include "dialect/embedding_uses.h"
#include "dialect/embeddings.h"
#include "dialect/openai_fields.h"

#include <algorithm>
#include <string>

namespace sluice::dialect {
namespace {

using chat::is_given;
using chat::is_null;
using chat::wrong_field;
using json::Kind;
using json::Value;

constexpr std::string_view kInputs =
    "a text, a list of texts, a list of tokens or a list of such lists";

// ---- OpenAI

bool is_tokens(const Value& value) {
  if (value.kind() != Kind::Array) return false;
  for (const Value first : value.elements()) return first.kind() == Kind::Number;
  return false;
}

Result<ToEmbed> read_input(const Value& value, Arena& arena) {
  if (value.kind() == Kind::String) {
    TRY(const std::string_view text, chat::read_text(value, "input", arena));
    return ToEmbed{.text = text};
  }
  if (is_tokens(value)) return ToEmbed{.tokens = value.raw()};
  return wrong_field("input", kInputs);
}

Result<void> read_inputs(const std::optional<Value>& given, Arena& arena, EmbeddingWish& wish) {
  if (!is_given(given)) return wrong_field("input", kInputs);
  const Value& input = *given;
  ArenaList<ToEmbed> list(arena);
  wish.alone = input.kind() != Kind::Array || is_tokens(input);
  if (wish.alone) {
    TRY(const ToEmbed one, read_input(input, arena));
    list.add(one);
  } else {
    for (const Value element : input.elements()) {
      TRY(const ToEmbed one, read_input(element, arena));
      list.add(one);
    }
  }
  if (list.empty()) return wrong_field("input", "a list that is not empty");
  wish.inputs = list.all();
  return {};
}

Result<void> read_format(const Value& value, EmbeddingWish& wish) {
  if (value == "base64") {
    wish.base64 = true;
  } else if (!(value == "float")) {
    return wrong_field("encoding_format", "\"float\" or \"base64\"");
  }
  return {};
}

Result<EmbeddingWish> read_openai(const Value& root, Arena& arena) {
  constexpr std::string_view kKnown[] = {"input", "model", "dimensions", "encoding_format", "user"};
  TRY(const auto fields, json::pick(root, kKnown));
  const auto& [input, model, dimensions, format, user] = fields;
  EmbeddingWish wish;
  TRY_VOID(read_inputs(input, arena, wish));
  if (is_given(dimensions)) {
    TRY(wish.dimensions, chat::read_count(*dimensions, "dimensions"));
  }
  if (is_given(format)) TRY_VOID(read_format(*format, wish));
  if (is_given(user)) {
    TRY(wish.user, chat::read_text(*user, "user", arena));
  }
  ArenaList<Extra> extras(arena);
  for (const auto member : root.members()) {
    const std::string_view name = chat::name_of(member, arena);
    if (std::ranges::find(kKnown, name) != std::end(kKnown) || is_null(member.value)) continue;
    if (name == "input_type") {
      wish.use = use_of(member.value.string(arena).value_or(""));
      if (wish.use != EmbeddingUse::NotGiven) continue;
    }
    extras.add({.of = Dialect::OpenAi, .name = name, .json = member.value.raw()});
  }
  wish.extras = extras.all();
  return wish;
}

// ---- Gemini

std::optional<Value> either(const Value& object, std::string_view name, std::string_view snake) {
  const auto found = object.find(name);
  return is_given(found) ? found : object.find(snake);
}

std::string place(std::string_view where, std::string_view name) {
  return std::string(where).append(name);
}

Result<std::string_view> read_content(const Value& request, std::string_view where, Arena& arena) {
  const auto content = request.find("content");
  const auto parts = content ? content->find("parts") : std::nullopt;
  if (!parts || parts->kind() != Kind::Array)
    return wrong_field(place(where, "content"), "an object with parts");
  std::string_view text;
  for (const Value part : parts->elements()) {
    const auto piece = part.find("text");
    if (!piece) return wrong_field(place(where, "content.parts"), "texts for this model");
    TRY(const std::string_view words,
        chat::read_text(*piece, place(where, "content.parts.text"), arena));
    text = text.empty() ? words : arena.join(text, words);
  }
  return text;
}

struct GeminiRequest {
  ToEmbed input;
  EmbeddingUse use = EmbeddingUse::NotGiven;
  std::optional<std::int64_t> dimensions;
};

Result<GeminiRequest> read_gemini_one(const Value& request, std::string_view where, Arena& arena,
                                      ArenaList<Extra>* extras) {
  constexpr std::string_view kKnown[] = {"model",
                                         "content",
                                         "taskType",
                                         "task_type",
                                         "title",
                                         "outputDimensionality",
                                         "output_dimensionality"};
  GeminiRequest read;
  TRY(read.input.text, read_content(request, where, arena));
  read.input.title = chat::text_or_nothing(request.find("title"), arena);
  read.use = use_of(chat::text_or_nothing(either(request, "taskType", "task_type"), arena));
  const auto dimensions = either(request, "outputDimensionality", "output_dimensionality");
  if (is_given(dimensions)) {
    TRY(read.dimensions, chat::read_count(*dimensions, place(where, "outputDimensionality")));
  }
  for (const auto member : request.members()) {
    const std::string_view name = chat::name_of(member, arena);
    if (!extras || std::ranges::find(kKnown, name) != std::end(kKnown)) continue;
    extras->add({.of = Dialect::Gemini, .name = name, .json = member.value.raw()});
  }
  return read;
}

// One call elsewhere asks for vectors of one kind.
std::unexpected<Failure> mixed(std::string_view field) {
  return fail(ApiError{.kind = ErrorKind::InvalidRequest,
                       .code = "unsupported_parameter",
                       .message = "The model that answers needs the same " + std::string(field) +
                                  " in all requests of a batch.",
                       .param = std::string(field)});
}

Result<EmbeddingWish> read_gemini(const Value& root, bool batch, Arena& arena) {
  EmbeddingWish wish{.of = Dialect::Gemini, .alone = !batch};
  ArenaList<ToEmbed> inputs(arena);
  ArenaList<Extra> extras(arena);
  const auto take = [&](const GeminiRequest& read) -> Result<void> {
    if (!inputs.empty() && read.use != wish.use) return mixed("taskType");
    if (!inputs.empty() && read.dimensions != wish.dimensions) return mixed("outputDimensionality");
    wish.use = read.use;
    wish.dimensions = read.dimensions;
    inputs.add(read.input);
    return {};
  };
  if (!batch) {
    TRY(const GeminiRequest read, read_gemini_one(root, "", arena, &extras));
    TRY_VOID(take(read));
  } else {
    const auto requests = root.find("requests");
    if (!requests || requests->kind() != Kind::Array) return wrong_field("requests", "a list");
    for (const Value request : requests->elements()) {
      const std::string where = "requests[" + std::to_string(inputs.size()) + "].";
      TRY(const GeminiRequest read,
          read_gemini_one(request, where, arena, inputs.empty() ? &extras : nullptr));
      TRY_VOID(take(read));
    }
    if (inputs.empty()) return wrong_field("requests", "a list that is not empty");
  }
  wish.inputs = inputs.all();
  wish.extras = extras.all();
  return wish;
}

}  // namespace

Result<EmbeddingWish> read_embeddings(const Request& request, json::Reader& reader, Arena& arena) {
  // Its grammar was checked when it came; of what is carried on, all of it is checked now.
  TRY(const Value root, reader.parse(request.json.text, {.strict_up_to = SIZE_MAX}));
  if (request.operation == Operation::Embeddings) return read_openai(root, arena);
  return read_gemini(root, request.operation == Operation::BatchEmbedContent, arena);
}

bool wants_base64(const Request& request, json::Reader& reader) {
  if (request.operation != Operation::Embeddings) return false;
  const auto root = reader.parse(request.json.text, {.strict_up_to = 0});
  const auto format = root ? root->find("encoding_format") : std::nullopt;
  return format && *format == "base64";
}

}  // namespace sluice::dialect
