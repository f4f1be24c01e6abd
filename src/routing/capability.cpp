#include "routing/capability.h"

#include "dialect/embeddings.h"
#include "dialect/request_needs.h"
#include "dialect/token_count.h"

#include <algorithm>
#include <bit>
#include <initializer_list>
#include <string>

namespace sluice::routing {
namespace {

bool can_any(const ProviderKind& kind, std::initializer_list<Operation> operations) {
  return std::ranges::any_of(operations, [&](Operation operation) {
    return kind.operations[static_cast<std::size_t>(operation)];
  });
}

// Whoever answers one kind of conversation answers all: they are told in its words.
bool can_answer(const ProviderKind& kind, Operation operation) {
  const bool is_count = dialect::asks_for_count(operation);
  if (traits(operation).is_conversation() || is_count) {
    return can_any(kind, {Operation::Chat, Operation::Completions, Operation::Responses,
                          Operation::Messages, Operation::GenerateContent, Operation::Converse});
  }
  if (dialect::asks_for_vectors(operation)) {
    return can_any(kind,
                   {Operation::Embeddings, Operation::EmbedContent, Operation::BatchEmbedContent});
  }
  // Whoever answers /responses is asked for what was answered.
  if (operation == Operation::StoredResponse) operation = Operation::Responses;
  return can_any(kind, {operation});
}

// The caller of Responses lets the provider leave out what is too much.
bool may_be_cut(const Request& request) {
  if (request.dialect() != Dialect::Responses) return false;
  const std::string_view body = request.json.text;
  return body.find("\"truncation\"") != std::string_view::npos &&
         body.find("\"auto\"") != std::string_view::npos;
}

Lack window_lack(RequestFacts& facts, const ProviderKind* kind, const ModelFacts& model,
                 std::string_view name) {
  const Request& request = facts.request();
  if (model.context <= 0 || !request.traits().is_conversation()) return {};
  std::int64_t answer = std::max<std::int64_t>(request.max_tokens.value_or(0), 0);
  // No model says more than it can.
  if (model.most_output > 0) answer = std::min(answer, model.most_output);
  if (facts.most_input_tokens() + answer <= model.context || may_be_cut(request)) return {};
  const std::int64_t wanted =
      facts.input_tokens_for(kind ? kind->type : std::string_view(), name) + answer;
  if (wanted <= model.context) return {};
  return {.what = Lacks::Window, .wanted = wanted, .window = model.context};
}

Lack ability_lack(RequestFacts& facts, const ModelFacts& model) {
  const auto missing = [&](Abilities needs) {
    return dialect::hard(needs).bits() & ~model.abilities.bits();
  };
  // Most requests need nothing for certain, most models have what others may need.
  if (missing(facts.possible_needs()) == 0) return {};
  const std::uint32_t lacking = missing(facts.needs());
  if (lacking == 0) return {};
  return {.what = Lacks::Ability, .ability = static_cast<Ability>(std::countr_zero(lacking))};
}

std::string_view param_of(Ability ability) {
  switch (ability) {
    case Ability::Tools:
      return "tools";
    case Ability::JsonObject:
    case Ability::JsonSchema:
      return "response_format";
    case Ability::Logprobs:
      return "logprobs";
    case Ability::Choices:
      return "n";
    case Ability::ImagesOut:
    case Ability::AudioOut:
      return "modalities";
    default:
      return "messages";
  }
}

ApiError too_long(std::span<const Lack> lacks) {
  const Lack& largest = *std::ranges::max_element(lacks, {}, &Lack::window);
  return {.kind = ErrorKind::InvalidRequest,
          .code = "context_length_exceeded",
          .message = "The largest context window here is of " + std::to_string(largest.window) +
                     " tokens, and this request needs about " + std::to_string(largest.wanted) +
                     ".",
          .param = "messages"};
}

}  // namespace

Lack lack_of(RequestFacts& request, const ProviderKind* kind, const ModelFacts* facts,
             std::string_view model) {
  if (kind && !can_answer(*kind, request.request().operation)) return {.what = Lacks::Operation};
  if (!facts) return {};
  if (const Lack lack = ability_lack(request, *facts)) return lack;
  return window_lack(request, kind, *facts, model);
}

ApiError nobody_can(const Request& request, std::span<const Lack> lacks) {
  if (!lacks.empty() &&
      std::ranges::all_of(lacks, [](const Lack& lack) { return lack.what == Lacks::Window; })) {
    return too_long(lacks);
  }
  ApiError error{.kind = ErrorKind::InvalidRequest, .code = "unsupported_parameter"};
  const auto lack = std::ranges::find(lacks, Lacks::Ability, &Lack::what);
  if (lack != lacks.end()) {
    error.message =
        "No model behind \"" + std::string(request.model) +
        "\" can do what this request needs: " + std::string(dialect::ability_word(lack->ability)) +
        ".";
    error.param = param_of(lack->ability);
  } else {
    error.message = "No model behind \"" + std::string(request.model) + "\" can answer " +
                    std::string(request.traits().name) + ".";
    error.param = "model";
  }
  return error;
}

}  // namespace sluice::routing
