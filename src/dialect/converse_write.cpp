#include "base/text.h"
#include "dialect/conversation_text.h"
#include "dialect/converse.h"
#include "dialect/converse_writing.h"
#include "dialect/structured_schema.h"

#include <algorithm>
#include <cstdlib>

namespace sluice::dialect::converse {

void Writing::own_members(std::string_view prefix) {
  for (const Extra& extra : from.extras) {
    if (extra.of == Dialect::Converse && extra.name.starts_with(prefix))
      to.key(extra.name.substr(prefix.size())).raw(extra.json);
  }
}

bool Writing::has_own(std::string_view prefix) const {
  return std::ranges::any_of(from.extras, [&](const Extra& extra) {
    return extra.of == Dialect::Converse && extra.name.starts_with(prefix);
  });
}

Result<void> write_cache_point(Writing& to, const CacheMark& mark) {
  if (!mark.set) return {};
  if (!to.caches()) return to.losses.hint("cache_control");
  to.to.begin_object().key("cachePoint").begin_object().member("type", "default");
  if (!mark.ttl.empty()) to.to.member("ttl", mark.ttl == "24h" ? "1h" : mark.ttl);
  to.to.end_object().end_object();
  return {};
}

namespace {

using Format = OutputFormat::Kind;

double value_of(JsonText number) {
  return std::strtod(std::string(number).c_str(), nullptr);
}

// ---- The form of the answer

struct Form {
  JsonText schema = {};
};

Result<Form> decide_form(Writing& to) {
  const OutputFormat& format = to.from.format;
  if (format.kind == Format::JsonObject) {
    to.losses.approximate("response_format");
    to.instruction =
        "Answer with one JSON object and nothing else: no words around it, no code fence.";
  }
  if (format.kind != Format::JsonSchema) return Form{};
  if (to.takes(Ability::JsonSchema) && to.claude.takes_schemas()) {
    if (!to.claude.known()) return Form{format.schema};
    return Form{structured_schema(format.schema, to.losses, to.arena)};
  }
  to.losses.approximate("response_format");
  to.instruction = to.arena.join(
      "Answer with one JSON value and nothing else: no words around it, no code fence. It must be "
      "valid against this JSON Schema: ",
      format.schema);
  return Form{};
}

void write_output_config(Writing& to, const Form& form) {
  if (form.schema.empty() && !to.has_own("outputConfig.")) return;
  to.to.key("outputConfig").begin_object();
  if (!form.schema.empty()) {
    const OutputFormat& format = to.from.format;
    to.to.key("textFormat").begin_object().member("type", "json_schema");
    to.to.key("structure").begin_object().key("jsonSchema").begin_object();
    if (!format.name.empty()) to.to.member("name", format.name);
    if (!format.description.empty()) to.to.member("description", format.description);
    to.to.member("schema", form.schema).end_object().end_object().end_object();
  }
  to.own_members("outputConfig.");
  to.to.end_object();
}

// ---- Sampling

class Inference {
 public:
  Inference(Writing& to, const Thoughts& thoughts) : to_(to), thoughts_(thoughts) {}

  Result<void> write() {
    to_.to.key("inferenceConfig").begin_object();
    if (thoughts_.max_tokens) to_.to.member("maxTokens", *thoughts_.max_tokens);
    TRY_VOID(temperature());
    TRY_VOID(top_p());
    TRY_VOID(stop());
    to_.own_members("inferenceConfig.");
    to_.to.end_object();
    return {};
  }

 private:
  bool samples() const { return to_.claude.samples() && !(to_.claude.known() && thoughts_.any()); }

  Result<void> temperature() {
    const JsonText number = to_.from.temperature;
    if (number.empty()) return {};
    const double value = value_of(number);
    if (value != 1 && !samples()) return to_.losses.hint("temperature");
    to_.to.key("temperature");
    if (value > 1) {
      to_.losses.approximate("temperature");
      to_.to.value(1);
    } else {
      to_.to.raw(number);
    }
    return {};
  }

  Result<void> top_p() {
    const JsonText number = to_.from.top_p;
    if (number.empty()) return {};
    const bool beside = !to_.from.temperature.empty() && !to_.claude.samples_both_ways();
    // All of them: that is what the model does anyway.
    if (value_of(number) == 1 && beside) return {};
    if (beside || !samples()) return to_.losses.hint("top_p");
    to_.to.key("topP").raw(number);
    return {};
  }

  Result<void> stop() {
    bool open = false;
    for (const std::string_view stop : to_.from.stop) {
      if (text::trim(stop).empty() && to_.claude.known()) {
        TRY_VOID(to_.losses.meaning("stop", "a stop sequence of white space is not possible"));
        continue;
      }
      if (!open) to_.to.key("stopSequences").begin_array();
      open = true;
      to_.to.value(stop);
    }
    if (open) to_.to.end_array();
    return {};
  }

  Writing& to_;
  const Thoughts& thoughts_;
};

// ---- What no model of this dialect can be told

Result<void> refuse_the_rest(Writing& to) {
  const Conversation& from = to.from;
  Losses& losses = to.losses;
  const auto says = [](JsonText number) { return !number.empty() && value_of(number) != 0; };
  if (says(from.frequency_penalty)) TRY_VOID(losses.hint("frequency_penalty"));
  if (says(from.presence_penalty)) TRY_VOID(losses.hint("presence_penalty"));
  if (!from.seed.empty()) TRY_VOID(losses.hint("seed"));
  if (!from.logit_bias.empty()) TRY_VOID(losses.hint("logit_bias"));
  if (!from.user.empty()) TRY_VOID(losses.hint("user"));
  if (!from.safety_identifier.empty()) TRY_VOID(losses.hint("safety_identifier"));
  if (!from.verbosity.empty()) TRY_VOID(losses.hint("verbosity"));
  if (!from.prompt_cache_key.empty()) TRY_VOID(losses.hint("prompt_cache_key"));
  if (!from.metadata.empty()) TRY_VOID(losses.hint("metadata"));
  if (from.store.value_or(false)) TRY_VOID(losses.hint("store"));
  if (from.tool_choice.parallel == false) TRY_VOID(losses.hint("parallel_tool_calls"));
  if (from.choices.value_or(1) > 1) TRY_VOID(losses.meaning("n", "it gives one answer at a time"));
  if (from.logprobs.value_or(false)) TRY_VOID(losses.meaning("logprobs"));
  if (from.top_logprobs.value_or(0) > 0) TRY_VOID(losses.meaning("top_logprobs"));
  if (from.spoken.wanted) TRY_VOID(losses.meaning("modalities", "it does not speak"));
  if (from.images_wanted) TRY_VOID(losses.meaning("modalities", "it makes no images"));
  return {};
}

Result<void> write_service_tier(Writing& to) {
  const std::string_view tier = to.from.service_tier;
  if (tier.empty() || tier == "auto") return {};
  if (tier != "default" && tier != "priority" && tier != "flex" && tier != "reserved")
    return to.losses.hint("service_tier");
  to.to.key("serviceTier").begin_object().member("type", tier).end_object();
  return {};
}

Result<void> write_extras(Writing& to) {
  TRY_VOID(to.losses.extras(to.from.extras, Dialect::Converse));
  for (const Extra& extra : to.from.extras) {
    if (extra.of == Dialect::Converse && extra.name.find('.') == std::string_view::npos)
      to.to.key(extra.name).raw(extra.json);
  }
  // Claude tells which of the sequences stopped it only when it is asked to.
  constexpr std::string_view kPaths = "additionalModelResponseFieldPaths";
  if (to.claude.known() && !to.from.stop.empty() && !to.has_own(kPaths))
    to.to.key(kPaths).begin_array().value("/stop_sequence").end_array();
  return {};
}

Result<std::string_view> write_body(const Conversation& conversation, const Wanted& wanted,
                                    Losses& losses, Arena& arena) {
  Writing to{.from = conversation,
             .wanted = wanted,
             .losses = losses,
             .arena = arena,
             .to = json::Writer(arena),
             .claude = ClaudeModel(wanted.model)};
  TRY(const Form form, decide_form(to));
  TRY(const Thoughts thoughts, decide_thoughts(to));
  ToolConfig tools(to);
  TRY_VOID(tools.decide());
  to.to.begin_object();
  TRY_VOID(write_system(to));
  TRY_VOID(write_messages(to));
  TRY_VOID(Inference(to, thoughts).write());
  TRY_VOID(tools.write());
  TRY_VOID(write_model_fields(to, thoughts));
  write_output_config(to, form);
  TRY_VOID(write_service_tier(to));
  TRY_VOID(refuse_the_rest(to));
  TRY_VOID(write_extras(to));
  to.to.end_object();
  return to.to.text();
}

}  // namespace
}  // namespace sluice::dialect::converse

namespace sluice::dialect {

Result<std::string_view> write_converse(const Conversation& conversation, const Wanted& wanted,
                                        Losses& losses, Arena& arena) {
  return converse::write_body(conversation, wanted, losses, arena);
}

}  // namespace sluice::dialect
