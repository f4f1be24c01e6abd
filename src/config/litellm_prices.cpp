#include "config/litellm_prices.h"

#include "base/json.h"
#include "base/text.h"
#include "config/decimal.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace sluice::config {
namespace {

constexpr int kForOne = 12;           // USD in pico-dollars.
constexpr int kForAMillion = 12 + 6;  // The same, of a million of what one costs.

struct Alias {
  std::string_view theirs;
  std::string_view ours;
};
// Providers whose names differ; those that begin with vertex_ai are one.
constexpr std::array kAliases{
    Alias{"azure_ai", "azure"},
    Alias{"azure_text", "azure"},
    Alias{"bedrock_converse", "bedrock"},
    Alias{"bedrock_mantle", "bedrock"},
    Alias{"amazon_nova", "bedrock"},
    Alias{"codestral", "mistral"},
    Alias{"text-completion-codestral", "mistral"},
    Alias{"cohere_chat", "cohere"},
    Alias{"fireworks_ai", "fireworks"},
    Alias{"fireworks_ai-embedding-models", "fireworks"},
    Alias{"jina_ai", "jina"},
    Alias{"palm", "gemini"},
    Alias{"text-completion-openai", "openai"},
    Alias{"together_ai", "together"},
    Alias{"zai", "zhipu"},
};

std::string_view type_of(std::string_view provider) {
  if (provider.starts_with("vertex_ai")) return "vertex";
  const auto alias = std::ranges::find(kAliases, provider, &Alias::theirs);
  return alias == kAliases.end() ? provider : alias->ours;
}

// "gemini/gemini-2.5-pro" of gemini is its gemini-2.5-pro.
std::string_view model_of(std::string_view name, std::string_view provider, std::string_view type) {
  const auto slash = name.find('/');
  if (slash == std::string_view::npos) return name;
  const auto first = name.substr(0, slash);
  const bool names_provider = first == provider || first == type || type_of(first) == type;
  return names_provider && slash + 1 < name.size() ? name.substr(slash + 1) : name;
}

struct RateKey {
  std::string_view key;
  std::int64_t Rates::* rate;
};
// What stands first wins where two say the same.
constexpr std::array kRateKeys{
    RateKey{"input_cost_per_token", &Rates::input},
    RateKey{"cache_read_input_token_cost", &Rates::cached},
    RateKey{"input_cost_per_token_cache_hit", &Rates::cached},
    RateKey{"cache_creation_input_token_cost", &Rates::cache_write},
    RateKey{"cache_creation_input_token_cost_above_1hr", &Rates::cache_write_1h},
    RateKey{"output_cost_per_token", &Rates::output},
    RateKey{"output_cost_per_reasoning_token", &Rates::reasoning},
    RateKey{"input_cost_per_audio_token", &Rates::audio_input},
    RateKey{"output_cost_per_audio_token", &Rates::audio_output},
    RateKey{"input_cost_per_image_token", &Rates::image_input},
    RateKey{"output_cost_per_image_token", &Rates::image_output},
};

struct UnitKey {
  std::string_view key;
  std::int64_t Price::* unit;
};
constexpr std::array kUnitKeys{
    UnitKey{"input_cost_per_request", &Price::request},
    UnitKey{"input_cost_per_query", &Price::request},
    UnitKey{"output_cost_per_image", &Price::image},
    UnitKey{"input_cost_per_second", &Price::second},
    UnitKey{"output_cost_per_second", &Price::second},
    UnitKey{"input_cost_per_character", &Price::character},
};

struct AbilityKey {
  std::string_view key;
  Ability ability;
};
constexpr std::array kAbilityKeys{
    AbilityKey{"supports_function_calling", Ability::Tools},
    AbilityKey{"supports_parallel_function_calling", Ability::ParallelTools},
    AbilityKey{"supports_response_schema", Ability::JsonSchema},
    AbilityKey{"supports_reasoning", Ability::Reasoning},
    AbilityKey{"supports_assistant_prefill", Ability::Prefill},
    AbilityKey{"supports_prompt_caching", Ability::PromptCache},
    AbilityKey{"supports_vision", Ability::ImagesIn},
    AbilityKey{"supports_pdf_input", Ability::DocumentsIn},
    AbilityKey{"supports_audio_input", Ability::AudioIn},
    AbilityKey{"supports_video_input", Ability::VideoIn},
    AbilityKey{"supports_audio_output", Ability::AudioOut},
    AbilityKey{"supports_system_messages", Ability::SystemTurns},
};

constexpr bool is_rate(std::string_view key) {
  return std::ranges::find(kRateKeys, key, &RateKey::key) != kRateKeys.end();
}

std::string_view word(const std::optional<json::Value>& value) {
  return value ? value->plain_string().value_or(std::string_view()) : std::string_view();
}

// "input_cost_per_token_above_200k_tokens": the key without it, and 200,000.
struct AboveKey {
  std::string_view key;
  std::int64_t tokens;
};
std::optional<AboveKey> above_of(std::string_view key) {
  constexpr std::string_view kAbove = "_above_";
  constexpr std::string_view kTokens = "k_tokens";
  if (!key.ends_with(kTokens)) return std::nullopt;
  const auto at = key.rfind(kAbove);
  if (at == std::string_view::npos) return std::nullopt;
  auto digits = key.substr(at + kAbove.size());
  digits.remove_suffix(kTokens.size());
  const auto thousands = text::parse_uint(digits);
  if (!thousands || *thousands > 1'000'000) return std::nullopt;
  return AboveKey{key.substr(0, at), static_cast<std::int64_t>(*thousands) * 1000};
}

// One entry of the file.
class Entry {
 public:
  Entry(std::string_view name, const json::Value& value) : value_(value) {
    provider_ = word(value.find("litellm_provider"));
    texts_.provider = type_of(provider_);
    texts_.model = model_of(name, provider_, texts_.provider);
  }

  std::string_view provider() const { return provider_; }

  Result<void> read() {
    for (const auto [key, value] : value_.members()) {
      TRY_VOID(read_member(key.plain_string().value_or(std::string_view()), value));
    }
    const auto mode = word(value_.find("mode"));
    const auto per_image = value_.find("input_cost_per_image");
    if (texts_.price.image == 0 && per_image && mode.starts_with("image")) {
      TRY(texts_.price.image, amount(*per_image, kForOne));
      priced_ = true;
    }
    std::ranges::sort(texts_.tiers, {}, &PriceTier::above);
    return {};
  }

  // Nothing: it has none in a unit that is metered.
  std::optional<PriceTexts> price() const {
    if (!priced_) return std::nullopt;
    return texts_;
  }

  std::optional<ModelTexts> model() const {
    ModelTexts texts;
    texts.name = texts_.model;
    const auto count = [this](std::string_view key) -> std::optional<std::uint64_t> {
      const auto value = value_.find(key);
      const auto number = value ? parse_decimal(value->raw(), 0) : std::nullopt;
      if (!number || *number == 0) return std::nullopt;
      return static_cast<std::uint64_t>(*number);
    };
    texts.context = count("max_input_tokens");
    if (!texts.context) texts.context = count("max_tokens");
    texts.most_output = count("max_output_tokens");
    if (!texts.context && !texts.most_output) return std::nullopt;
    texts.abilities.emplace();
    for (const AbilityKey& each : kAbilityKeys) {
      const auto value = value_.find(each.key);
      if (!value || !value->boolean().value_or(false)) continue;
      texts.abilities->push_back(each.ability);
      if (each.ability == Ability::JsonSchema) texts.abilities->push_back(Ability::JsonObject);
    }
    return texts;
  }

 private:
  static Result<std::int64_t> amount(const json::Value& value, int places) {
    const auto found =
        value.kind() == json::Kind::Number ? parse_decimal(value.raw(), places) : std::nullopt;
    if (!found) {
      return fail(ErrorKind::InvalidRequest, "invalid_config",
                  "expected a price, not " + std::string(value.raw().substr(0, 40)));
    }
    return *found;
  }

  Rates& rates_above(std::int64_t tokens) {
    for (PriceTier& tier : texts_.tiers) {
      if (tier.above == tokens) return tier.rates;
    }
    return texts_.tiers.emplace_back(PriceTier{.above = tokens, .rates = {}}).rates;
  }

  Result<bool> read_rate(std::string_view key, const json::Value& value, Rates& rates) {
    const auto found = std::ranges::find(kRateKeys, key, &RateKey::key);
    if (found == kRateKeys.end()) return false;
    if (rates.*found->rate != Rates::kUnset) return true;
    TRY(rates.*found->rate, amount(value, kForAMillion));
    priced_ = true;
    return true;
  }

  Result<void> read_member(std::string_view key, const json::Value& value) {
    if (value.kind() == json::Kind::Null) return {};
    TRY(const bool rate, read_rate(key, value, texts_.price.rates));
    if (rate) return {};
    // Suffixes that remain (_batches, _priority, _flex, …) are of tiers that nobody asks for here.
    if (const auto above = above_of(key)) {
      if (is_rate(above->key)) {
        TRY_VOID(read_rate(above->key, value, rates_above(above->tokens)));
      }
      return {};
    }
    if (const auto unit = std::ranges::find(kUnitKeys, key, &UnitKey::key);
        unit != kUnitKeys.end()) {
      TRY(const std::int64_t cost, amount(value, kForOne));
      texts_.price.*unit->unit = std::max(texts_.price.*unit->unit, cost);
      priced_ = true;
    }
    if (key == "search_context_cost_per_query") return read_search(value);
    if (key == "tiered_pricing") return read_ranges(value);
    return {};
  }

  // Of the size that is searched when no other is asked for.
  Result<void> read_search(const json::Value& sizes) {
    const auto medium = sizes.find("search_context_size_medium");
    if (!medium) return {};
    TRY(texts_.price.search, amount(*medium, kForOne));
    return {};
  }

  // [{range: [0, 256000], input_cost_per_token, …}, …]: the first is the price, the others tiers.
  Result<void> read_ranges(const json::Value& ranges) {
    for (const json::Value range : ranges.elements()) {
      const auto bounds = range.find("range");
      if (!bounds) continue;
      std::int64_t begin = 0;
      for (const json::Value bound : bounds->elements()) {
        begin = parse_decimal(bound.raw(), 0).value_or(0);
        break;
      }
      for (const auto [key, value] : range.members()) {
        Rates& rates = begin == 0 ? texts_.price.rates : rates_above(begin);
        TRY_VOID(read_rate(key.plain_string().value_or(std::string_view()), value, rates));
      }
    }
    return {};
  }

  const json::Value& value_;
  std::string_view provider_;
  PriceTexts texts_;
  bool priced_ = false;
};

}  // namespace

bool looks_like_litellm(std::string_view text) {
  return text::trim(text.substr(0, 4096)).starts_with('{');
}

Result<LiteLlmPrices> read_litellm_prices(std::string_view text) {
  json::Reader reader;
  TRY(const json::Value root, reader.parse(text));
  if (root.kind() != json::Kind::Object) {
    return fail(ErrorKind::InvalidRequest, "invalid_config", "expected an object of models");
  }
  LiteLlmPrices all;
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto [key, value] : root.members()) {
    const std::string name(key.plain_string().value_or(key.raw()));
    const auto skip = [&](std::string_view why) { all.skipped.push_back({name, why}); };
    if (name == "sample_spec" || name == "fallback_generalizations") {
      skip("is no model");
      continue;
    }
    Entry entry(name, value);
    if (entry.provider().empty()) {
      skip("names no provider");
      continue;
    }
    if (auto read = entry.read(); !read) {
      read.error()->message.insert(0, name + ": ");
      return std::unexpected(std::move(read.error()));
    }
    auto price = entry.price();
    auto model = entry.model();
    const std::string type(type_of(entry.provider()));
    if (!price && !model) {
      skip("has no price in a unit that is metered, and no limits");
    } else if (!seen.emplace(type, price ? price->model : model->name).second) {
      skip("is the same model as one before");
    } else {
      if (price) all.prices.push_back(*std::move(price));
      if (model) all.models[type].push_back(*std::move(model));
    }
  }
  return all;
}

}  // namespace sluice::config
