#include "routing/request_facts.h"

#include "base/json.h"
#include "dialect/request_needs.h"
#include "dialect/token_count.h"
#include "dialect/translate.h"
#include "ledger/tokens.h"
#include "routing/prompt_prefix.h"
#include "routing/strategies/stable_hash.h"
#include "routing/token_counting.h"

#include <algorithm>
#include <utility>

namespace sluice::routing {
namespace {

using config::Name;
using config::Value;

constexpr std::int64_t kBytesPerToken = 4;
constexpr std::int64_t kUsualAnswer = 256;
// Callers who set a limit set it high: few answers come near it.
constexpr std::int64_t kLongAnswer = 1024;

json::Reader& reader() {
  thread_local json::Reader one;
  return one;
}

bool is_read(const Request& request) {
  return request.traits().is_conversation() || dialect::asks_for_count(request.operation);
}

bool may_hold_media(Abilities possible) {
  return possible.has(Ability::ImagesIn) || possible.has(Ability::DocumentsIn) ||
         possible.has(Ability::AudioIn) || possible.has(Ability::VideoIn);
}

// What Gemini and Converse have below the top.
std::string_view settings_of(Dialect dialect) {
  if (dialect == Dialect::Gemini) return "generationConfig";
  return dialect == Dialect::Converse ? "inferenceConfig" : "";
}

std::optional<double> temperature_in(const json::Value& root, Dialect dialect) {
  std::optional<json::Value> home = root;
  if (const std::string_view name = settings_of(dialect); !name.empty()) {
    home = root.find(name);
    if (!home && dialect == Dialect::Gemini) home = root.find("generation_config");
  }
  const auto value = home ? home->find("temperature") : std::nullopt;
  return value ? value->number() : std::nullopt;
}

std::optional<std::uint64_t> hash_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return stable_hash(text);
}

Value text_or_missing(std::string_view text) {
  return text.empty() ? Value() : Value(text);
}

template <class Number>
Value number_or_missing(const std::optional<Number>& number) {
  return number ? Value(static_cast<double>(*number)) : Value();
}

}  // namespace

std::int64_t RequestFacts::input_tokens() {
  if (input_tokens_ >= 0) return input_tokens_;
  if (may_hold_media(possible_needs()) && dialect::read_conversation(context_, request_)) {
    input_tokens_ = input_tokens_for({}, {});
  } else {
    input_tokens_ = static_cast<std::int64_t>(request_.json.text.size()) / kBytesPerToken;
  }
  return input_tokens_;
}

std::int64_t RequestFacts::most_input_tokens() const {
  constexpr std::int64_t kBytesOfTwo = 2;
  return supposed_tokens_.value_or(static_cast<std::int64_t>(request_.json.text.size()) /
                                   kBytesOfTwo);
}

std::int64_t RequestFacts::input_tokens_for(std::string_view vendor, std::string_view model) {
  if (supposed_tokens_) return *supposed_tokens_;
  const auto encoding = ledger::encoding_of(model);
  std::int64_t& known = encoding ? counted_[static_cast<std::size_t>(*encoding)] : estimated_;
  const bool same = encoding || (vendor == estimated_vendor_ && model == estimated_model_);
  if (known >= 0 && same) return known;
  if (!is_read(request_) || !dialect::read_conversation(context_, request_))
    return static_cast<std::int64_t>(request_.json.text.size()) / kBytesPerToken;
  known = static_cast<std::int64_t>(routing::input_tokens(*request_.conversation, vendor, model));
  if (!encoding) {
    estimated_vendor_ = vendor;
    estimated_model_ = model;
  }
  return known;
}

Abilities RequestFacts::possible_needs() {
  if (!possible_) {
    possible_ = is_read(request_) ? dialect::possible_needs(request_.json.text, request_.dialect())
                                  : Abilities();
  }
  return *possible_;
}

Abilities RequestFacts::needs() {
  if (!needs_) needs_ = dialect::needs_of(context_, request_, possible_needs());
  return *needs_;
}

std::optional<double> RequestFacts::temperature() {
  read_body();
  return temperature_;
}

std::string_view RequestFacts::user() const {
  if (context_.principal && !context_.principal->user.empty()) return context_.principal->user;
  return context_.user.empty() ? request_.user : context_.user;
}

std::int64_t RequestFacts::output_tokens() const {
  if (!request_.max_tokens) return kUsualAnswer;
  return std::min(*request_.max_tokens, kLongAnswer);
}

std::optional<std::uint64_t> RequestFacts::affinity(const config::StickySettings& sticky) {
  switch (sticky.by) {
    case config::StickySettings::By::User:
      return hash_of(user());
    case config::StickySettings::By::Prompt:
      read_body();
      return prompt_hash_;
    case config::StickySettings::By::Header:
      return hash_of(header(sticky.header).value_or(std::string_view()));
  }
  return std::nullopt;
}

// Once for all that only the body says; its values are gone when somebody else reads.
void RequestFacts::read_body() {
  if (std::exchange(body_read_, true) || request_.json.text.empty()) return;
  const auto root = reader().parse(request_.json.text, {.strict_up_to = 0});
  if (!root) return;
  temperature_ = temperature_in(*root, request_.dialect());
  prompt_hash_ = prompt_prefix_hash(*root);
}

Value RequestFacts::value(Name name) noexcept {
  switch (name) {
    case Name::RequestModel:
      return text_or_missing(request_.model);
    case Name::RequestOperation:
      return request_.traits().name;
    case Name::RequestStream:
      return request_.stream;
    case Name::RequestInputTokens:
      return static_cast<double>(input_tokens());
    case Name::RequestMaxTokens:
      return number_or_missing(request_.max_tokens);
    case Name::RequestTemperature:
      return number_or_missing(temperature());
    case Name::RequestUser:
      return text_or_missing(user());
    case Name::PrincipalKey:
      return context_.principal ? text_or_missing(context_.principal->id) : Value();
    case Name::PrincipalUser:
      return context_.principal ? text_or_missing(context_.principal->user) : Value();
    case Name::PrincipalTeam:
      return {};
    case Name::TimeHour:
    case Name::TimeMinute:
    case Name::TimeWeekday:
    case Name::TimeDay:
    case Name::TimeMonth:
      return config::time_value(name, context_.clock.wall());
    default:
      return need(name);
  }
}

bool RequestFacts::needs(Ability ability) {
  return possible_needs().has(ability) && needs().has(ability);
}

Value RequestFacts::need(Name name) {
  switch (name) {
    case Name::NeedsVision:
      return needs(Ability::ImagesIn);
    case Name::NeedsTools:
      return needs(Ability::Tools);
    case Name::NeedsJson:
      return needs(Ability::JsonObject) || needs(Ability::JsonSchema);
    case Name::NeedsReasoning:
      return needs(Ability::Reasoning);
    case Name::NeedsAudio:
      return needs(Ability::AudioIn);
    case Name::NeedsDocuments:
      return needs(Ability::DocumentsIn);
    case Name::NeedsVideo:
      return needs(Ability::VideoIn);
    case Name::NeedsPrefill:
      return needs(Ability::Prefill);
    case Name::NeedsParallelTools:
      return needs(Ability::ParallelTools);
    case Name::NeedsLogprobs:
      return needs(Ability::Logprobs);
    case Name::NeedsChoices:
      return needs(Ability::Choices);
    case Name::NeedsImagesOut:
      return needs(Ability::ImagesOut);
    case Name::NeedsAudioOut:
      return needs(Ability::AudioOut);
    default:
      return {};
  }
}

std::optional<std::string_view> RequestFacts::tag(std::string_view name) noexcept {
  const auto found = std::ranges::find(context_.tags, name, &Field::name);
  if (found == context_.tags.end()) return std::nullopt;
  return found->value;
}

std::optional<std::string_view> RequestFacts::header(std::string_view lower_case_name) noexcept {
  return context_.head ? context_.head->field(lower_case_name) : std::nullopt;
}

}  // namespace sluice::routing
