#include "base/json_writer.h"
#include "dialect/conversation_text.h"
#include "dialect/replicate.h"
#include "dialect/replicate_codec.h"

#include <algorithm>
#include <string>

namespace sluice::dialect {
namespace {

std::string_view owner_of(std::string_view model) {
  return model.substr(0, model.find('/'));
}

bool is_system(const Turn& turn) {
  return turn.role == Role::System || turn.role == Role::Developer;
}

// Each maker's models have inputs of their own.
std::string_view limit_name(std::string_view model) {
  if (owner_of(model) == "openai") return "max_completion_tokens";
  const bool older = model.find("llama-2") != std::string_view::npos ||
                     owner_of(model) == "mistralai" || owner_of(model) == "snowflake";
  return older ? "max_new_tokens" : "max_tokens";
}

class Input {
 public:
  Input(const Conversation& asked, std::string_view model, Losses& losses, Arena& arena)
      : asked_(asked), model_(model), losses_(losses), arena_(arena), out_(arena) {}

  Result<std::string_view> write() {
    out_.begin_object();
    TRY_VOID(write_prompt());
    TRY_VOID(write_images());
    if (asked_.max_tokens) out_.member(limit_name(model_), *asked_.max_tokens);
    write_number("temperature", asked_.temperature);
    write_number("top_p", asked_.top_p);
    write_number("top_k", asked_.top_k);
    write_number("frequency_penalty", asked_.frequency_penalty);
    write_number("presence_penalty", asked_.presence_penalty);
    write_number("seed", asked_.seed);
    TRY_VOID(write_stop());
    TRY_VOID(lose_meanings());
    TRY_VOID(lose_hints());
    return out_.end_object().text();
  }

 private:
  Result<void> write_prompt() {
    std::string system;
    std::string dialogue;
    std::size_t turns = 0;
    for (const Turn& turn : asked_.turns) {
      TRY_VOID(check(turn));
      const std::string_view text = joined_text(turn.parts, "", arena_);
      if (is_system(turn)) {
        system.append(system.empty() ? "" : "\n\n").append(text);
        continue;
      }
      ++turns;
      dialogue.append(turns > 1 ? "\n\n" : "");
      dialogue.append(turn.role == Role::Assistant ? "Assistant: " : "User: ").append(text);
    }
    const Turn* last = asked_.turns.empty() ? nullptr : &asked_.turns.back();
    const bool alone = turns == 1 && dialogue.starts_with("User: ");
    if (alone) {
      dialogue.erase(0, std::string_view("User: ").size());
    } else if (turns > 0) {
      losses_.approximate("messages");
      if (last->role != Role::Assistant) dialogue.append("\n\nAssistant:");
    }
    out_.member("prompt", dialogue);
    if (!system.empty()) out_.member("system_prompt", system);
    return {};
  }

  Result<void> check(const Turn& turn) {
    for (const Part& part : turn.parts) {
      if (std::holds_alternative<Text>(part.what) || image_of(part)) continue;
      const bool thought = std::holds_alternative<Thinking>(part.what);
      TRY_VOID(thought ? losses_.hint("reasoning")
                       : losses_.meaning("messages.content", "it takes a prompt"));
    }
    return {};
  }

  // As the makers' models take them.
  const Media* image_of(const Part& part) const {
    const auto* media = std::get_if<Media>(&part.what);
    const std::string_view owner = owner_of(model_);
    const bool sees = owner == "openai" || owner == "google" || owner == "anthropic";
    const bool told = media && media->kind == MediaKind::Image &&
                      (media->source == MediaSource::Url || media->source == MediaSource::Base64);
    return sees && told ? media : nullptr;
  }

  Result<void> write_images() {
    const bool single = owner_of(model_) == "anthropic";
    std::size_t images = 0;
    for (const Turn& turn : asked_.turns) {
      for (const Part& part : turn.parts) {
        const Media* image = image_of(part);
        if (!image) continue;
        if (++images == 1) out_.key(single ? "image" : "image_input");
        if (images == 1 && !single) out_.begin_array();
        if (single && images > 1) {
          TRY_VOID(losses_.meaning("messages.content", "it takes one image"));
          continue;
        }
        out_.value(image->source == MediaSource::Url
                       ? image->data
                       : data_url(image->media_type, image->data, arena_));
      }
    }
    if (images > 0 && !single) out_.end_array();
    return {};
  }

  void write_number(std::string_view name, JsonText number) {
    if (!number.empty()) out_.key(name).raw(number);
  }

  // A text of them, with commas between.
  Result<void> write_stop() {
    if (asked_.stop.empty()) return {};
    std::string joined;
    for (const std::string_view stop : asked_.stop) {
      if (stop.find(',') != std::string_view::npos)
        return losses_.meaning("stop", "its stop sequences hold no commas");
      joined.append(joined.empty() ? "" : ",").append(stop);
    }
    out_.member("stop_sequences", joined);
    return {};
  }

  Result<void> lose_meanings() {
    if (!asked_.tools.empty()) TRY_VOID(losses_.meaning("tools", "it calls none"));
    const auto format = asked_.format.kind;
    if (format == OutputFormat::Kind::JsonObject || format == OutputFormat::Kind::JsonSchema)
      TRY_VOID(losses_.meaning("response_format", "it answers with text"));
    if (asked_.spoken.wanted) TRY_VOID(losses_.meaning("audio", "it answers with text"));
    if (asked_.images_wanted) TRY_VOID(losses_.meaning("modalities", "it answers with text"));
    if (asked_.choices.value_or(1) != 1) TRY_VOID(losses_.meaning("n", "it answers once"));
    if (asked_.logprobs.value_or(false)) TRY_VOID(losses_.meaning("logprobs"));
    return losses_.extras(asked_.extras, Dialect::Replicate);
  }

  Result<void> lose_hints() {
    struct Hint {
      bool given;
      std::string_view field;
    };
    const bool reasons = asked_.reasoning.kind != Reasoning::Kind::NotGiven;
    for (const Hint& hint :
         {Hint{reasons, "reasoning"}, Hint{!asked_.logit_bias.empty(), "logit_bias"},
          Hint{!asked_.user.empty(), "user"}, Hint{!asked_.service_tier.empty(), "service_tier"},
          Hint{!asked_.verbosity.empty(), "verbosity"},
          Hint{!asked_.prompt_cache_key.empty(), "prompt_cache_key"},
          Hint{!asked_.safety_identifier.empty(), "safety_identifier"},
          Hint{!asked_.metadata.empty(), "metadata"}, Hint{asked_.store.has_value(), "store"},
          Hint{asked_.cache.set, "cache_control"}}) {
      if (hint.given) TRY_VOID(losses_.hint(hint.field));
    }
    return {};
  }

  const Conversation& asked_;
  std::string_view model_;
  Losses& losses_;
  Arena& arena_;
  json::Writer out_;
};

}  // namespace

ReplicateModel replicate_model(std::string_view model) {
  const std::size_t colon = model.find(':');
  if (colon != std::string_view::npos) return {model.substr(0, colon), model.substr(colon + 1)};
  if (model.find('/') == std::string_view::npos) return {{}, model};
  return {model, {}};
}

Result<std::string_view> ReplicateDialect::write(const Conversation& conversation,
                                                 const Wanted& wanted, Losses& losses,
                                                 Arena& arena) const {
  const ReplicateModel model = replicate_model(wanted.model);
  TRY(const std::string_view input, Input(conversation, model.name, losses, arena).write());
  json::Writer out(arena);
  out.begin_object();
  if (!model.version.empty()) out.member("version", model.version);
  return out.key("input").raw(input).end_object().text();
}

}  // namespace sluice::dialect
