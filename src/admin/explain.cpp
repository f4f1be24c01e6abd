#include "admin/calls.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "config/snapshot.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace sluice::admin {
namespace {

// As conditions name them.
constexpr std::array<std::pair<std::string_view, Ability>, 13> kNeeds{{
    {"vision", Ability::ImagesIn},
    {"tools", Ability::Tools},
    {"json", Ability::JsonObject},
    {"reasoning", Ability::Reasoning},
    {"audio", Ability::AudioIn},
    {"documents", Ability::DocumentsIn},
    {"video", Ability::VideoIn},
    {"prefill", Ability::Prefill},
    {"parallel_tools", Ability::ParallelTools},
    {"logprobs", Ability::Logprobs},
    {"choices", Ability::Choices},
    {"images_out", Ability::ImagesOut},
    {"audio_out", Ability::AudioOut},
}};

// Percent signs and plus signs of a query's value; what is no escape stays as it is.
std::string_view decoded(std::string_view raw, Arena& arena) {
  const std::span<char> text = arena.array<char>(raw.size());
  std::size_t size = 0;
  while (!raw.empty()) {
    char letter = raw.front() == '+' ? ' ' : raw.front();
    unsigned value = 0;
    const std::string_view digits = raw.substr(1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    const bool escape = raw.front() == '%' && error == std::errc() && digits.size() == 2 &&
                        end == digits.data() + 2;
    if (escape) letter = static_cast<char>(value);
    text[size++] = letter;
    raw.remove_prefix(escape ? 3 : 1);
  }
  return {text.data(), size};
}

// The piece before the first `mark`, which is taken off with it.
std::string_view cut(std::string_view& rest, char mark) {
  const std::string_view piece = rest.substr(0, rest.find(mark));
  rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
  return piece;
}

std::string_view query_value(std::string_view target, std::string_view name, Arena& arena) {
  const std::size_t mark = target.find('?');
  std::string_view rest = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  while (!rest.empty()) {
    std::string_view pair = cut(rest, '&');
    if (cut(pair, '=') == name && !pair.empty()) return decoded(pair, arena);
  }
  return {};
}

std::unexpected<Failure> refuse(ErrorKind kind, std::string_view code, std::string message,
                                std::string param) {
  return fail(ApiError{
      .kind = kind, .code = code, .message = std::move(message), .param = std::move(param)});
}

Result<std::optional<std::int64_t>> tokens_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t tokens = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), tokens);
  if (error == std::errc() && end == text.data() + text.size() && tokens >= 0) return tokens;
  return refuse(ErrorKind::InvalidRequest, "invalid_request", "input_tokens is a number.",
                "input_tokens");
}

Result<std::optional<Abilities>> needs_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  Abilities needs;
  while (!text.empty()) {
    const std::string_view name = cut(text, ',');
    const auto* const known =
        std::ranges::find(kNeeds, name, &std::pair<std::string_view, Ability>::first);
    if (known == kNeeds.end()) {
      std::string message = "needs may be:";
      for (const auto& [word, ability] : kNeeds) message.append(" ").append(word);
      return refuse(ErrorKind::InvalidRequest, "invalid_request", std::move(message), "needs");
    }
    needs.add(known->second);
  }
  return needs;
}

Result<Question> question_of(std::string_view target, Arena& arena) {
  Question question{.model = std::string(query_value(target, "model", arena)),
                    .input_tokens = {},
                    .needs = {},
                    .user = std::string(query_value(target, "user", arena)),
                    .tags = {}};
  if (question.model.empty()) {
    return refuse(ErrorKind::InvalidRequest, "invalid_request",
                  "Which one? /admin/v1/explain?model=NAME", "model");
  }
  TRY(question.input_tokens, tokens_of(query_value(target, "input_tokens", arena)));
  TRY(question.needs, needs_of(query_value(target, "needs", arena)));
  std::string_view tags = query_value(target, "tags", arena);
  while (!tags.empty()) {
    std::string_view value = cut(tags, ',');
    const std::string_view name = cut(value, '=');
    question.tags.emplace_back(name, value);
  }
  return question;
}

// In the order in which ModelTable::find() looks.
std::string_view why(const config::Snapshot& snapshot, std::string_view asked) {
  const config::ModelTable& models = snapshot.models();
  if (std::ranges::find(models.names(), asked) != models.names().end()) {
    return "models has an entry of this name";
  }
  const std::size_t slash = asked.find('/');
  if (snapshot.config().server.direct_models && slash != std::string_view::npos &&
      slash + 1 < asked.size() && models.provider_index(asked.substr(0, slash))) {
    return "the name begins with a provider's";
  }
  return "models has a wildcard for it";
}

std::unexpected<Failure> no_such_model(const config::ModelTable& models, std::string_view asked) {
  std::string message = "The model \"" + std::string(asked) + "\" does not exist here.";
  for (const std::string& name : models.nearest(asked)) message += " There is \"" + name + "\".";
  return refuse(ErrorKind::NotFound, "model_not_found", std::move(message), "model");
}

void write_target(json::Writer& writer, std::string_view pick) {
  const std::string_view provider = cut(pick, '/');
  writer.key("target").begin_object();
  writer.member("provider", provider).member("model", pick).end_object();
}

}  // namespace

Task<Result<Answer>> explain(Operator& gateway, net::HttpExchange& exchange) {
  Arena& arena = exchange.arena();
  CO_TRY(const Question question, question_of(exchange.head().target, arena));
  const auto snapshot = gateway.config();
  if (!snapshot->models().find(question.model, arena)) {
    co_return no_such_model(snapshot->models(), question.model);
  }
  CO_TRY(const std::string explained, gateway.explain(question));
  json::Reader reader;
  CO_TRY(const json::Value plan, reader.parse(explained));
  Answer answer;
  json::Writer writer(answer.body);
  writer.begin_object().member("asked", question.model);
  writer.member("why", why(*snapshot, question.model));
  const auto pick = plan.find("pick");
  if (const auto name = pick ? pick->string(arena) : std::nullopt) write_target(writer, *name);
  for (const auto [key, value] : plan.members()) {
    writer.key(key.string(arena).value_or("")).raw(value.raw());
  }
  writer.end_object();
  co_return answer;
}

}  // namespace sluice::admin
