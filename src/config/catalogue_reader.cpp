#include "config/catalogue_reader.h"

#include "config/catalogue_words.h"
#include "config/compound.h"
#include "config/environment.h"
#include "config/no_environment.h"
#include "config/types.h"

#include <array>

namespace sluice::config {
namespace {

constexpr auto kOperationWords = [] {
  std::array<Choice<Operation>, kOperations> words{};
  for (std::size_t i = 0; i < kOperations; ++i) {
    words[i] = {kOperationTable[i].name, kOperationTable[i].operation};
  }
  return words;
}();

constexpr Words<Api> kApi{"an api such as openai or anthropic", kApiWords};
constexpr Words<KeyKind> kKey{"how its key is sent, such as bearer or none", kKeyKindWords};
constexpr Words<Operation> kOperation{"an operation such as chat or embeddings", kOperationWords};
constexpr Words<Ability> kAbility{"an ability such as tools or images_in", kAbilityWords};
constexpr Words<Quirks::Usage> kUsage{"auto, option, always or none", kUsageWords};
constexpr Words<Quirks::Thoughts> kThoughts{"effort, object, switch, enable_thinking or none",
                                            kThoughtsWords};

constexpr ListOf<Operation> kOperationList{"a list of operations", kOperation};
constexpr ListOf<Ability> kAbilityList{"a list of abilities", kAbility};
constexpr ListOf<std::string> kFieldList{"a list of fields", kTextType};

constexpr MaybeOf<std::string> kMaybeText{kTextType};
constexpr MaybeOf<std::uint64_t> kMaybeCount{kCountType};
constexpr MaybeOf<bool> kMaybeBoolean{kBooleanType};
constexpr MaybeOf<Api> kMaybeApi{kApi};
constexpr MaybeOf<KeyKind> kMaybeKey{kKey};
constexpr MaybeOf<Quirks::Usage> kMaybeUsage{kUsage};
constexpr MaybeOf<Quirks::Thoughts> kMaybeThoughts{kThoughts};
constexpr MaybeOf<std::vector<Operation>> kMaybeOperations{kOperationList};
constexpr MaybeOf<std::vector<Ability>> kMaybeAbilities{kAbilityList};
constexpr MaybeOf<std::vector<std::string>> kMaybeFields{kFieldList};

constexpr std::array kQuirkFields = {
    field<&QuirkTexts::stream_usage>("stream_usage", kMaybeUsage, "how streams tell usage"),
    field<&QuirkTexts::thoughts>("thoughts", kMaybeThoughts, "how reasoning is asked for"),
    field<&QuirkTexts::completion_tokens>("completion_tokens", kMaybeBoolean,
                                          "wants max_completion_tokens, not max_tokens"),
    field<&QuirkTexts::developer_role>("developer_role", kMaybeBoolean, "knows that role"),
    field<&QuirkTexts::bills_when_cancelled>("bills_when_cancelled", kMaybeBoolean,
                                             "goes on when its caller leaves"),
    field<&QuirkTexts::text_only_tools>("text_only_tools", kMaybeBoolean,
                                        "results of tools are one text"),
    field<&QuirkTexts::most_embeddings>("most_embeddings", kMaybeCount, "in one request"),
    field<&QuirkTexts::refuses>("refuses", kMaybeFields, "fields that it answers with an error"),
};
constexpr Section<QuirkTexts> kQuirks{kQuirkFields};

constexpr std::array kModelFields = {
    field<&ModelTexts::context>("context", kMaybeCount, "tokens of input and output"),
    field<&ModelTexts::most_output>("output", kMaybeCount, "tokens of output"),
    field<&ModelTexts::abilities>("abilities", kMaybeAbilities, "in place of the provider's"),
};
constexpr Section<ModelTexts> kModel{kModelFields};
std::optional<std::string> model_name(Reader& reader, const Node::Entry& entry) {
  const auto star = entry.key.find('*');
  if (entry.key.empty() || (star != std::string_view::npos && star + 1 != entry.key.size())) {
    reader.error(entry.key_at, "expected a model's name, with one star at most, at its end");
  }
  return std::string(entry.key);
}
constexpr MapOf<ModelTexts> kModels{"a mapping from models to what is known of them", model_name,
                                    kModel};

constexpr std::array kFields = {
    field<&CatalogueTexts::type>("type", kTextType, "its name in `providers`", Need::Required),
    field<&CatalogueTexts::title>("title", kMaybeText, "for people"),
    field<&CatalogueTexts::api>("api", kMaybeApi, "how it is spoken to"),
    field<&CatalogueTexts::base_url>("base_url", kMaybeText, "where it is"),
    field<&CatalogueTexts::key>("key", kMaybeKey, "how its key is sent"),
    field<&CatalogueTexts::telemetry_name>("telemetry_name", kMaybeText, "gen_ai.provider.name"),
    field<&CatalogueTexts::operations>("operations", kMaybeOperations, "what it can do"),
    field<&CatalogueTexts::abilities>("abilities", kMaybeAbilities, "of its models"),
    field<&CatalogueTexts::quirks>("quirks", kQuirks, "where it differs from its api"),
    field<&CatalogueTexts::models>("models", kModels, "what is known of them"),
};

// What is in braces stands for part of a name.
std::string without_braces(std::string_view url) {
  std::string plain;
  for (std::size_t at = 0; at < url.size();) {
    const auto open = std::min(url.find('{', at), url.size());
    plain += url.substr(at, open - at);
    const auto close = url.find('}', open);
    if (open == url.size() || close == std::string_view::npos) {
      return plain.append(url.substr(open));
    }
    plain += 'x';
    at = close + 1;
  }
  return plain;
}

void settle_catalogue(Reader& reader, const Node& node, CatalogueTexts& texts) {
  constexpr std::string_view kCharacters = "abcdefghijklmnopqrstuvwxyz0123456789._-";
  const auto* type = node.find("type");
  if (type && type->kind == Node::Kind::Scalar &&
      texts.type.find_first_not_of(kCharacters) != std::string::npos) {
    reader.error(*type, "type: expected small letters, digits, dots, - and _");
  }
  const auto* url = node.find("base_url");
  if (!url || !texts.base_url || texts.base_url->empty()) return;
  if (const auto parsed = parse_url(without_braces(*texts.base_url)); !parsed) {
    reader.error(*url, "base_url: expected a URL that begins with http:// or https://");
  }
}

constexpr Section<CatalogueTexts> kCatalogue{kFields, settle_catalogue};

}  // namespace

std::optional<CatalogueTexts> read_catalogue(std::string_view text, Findings& findings) {
  const auto document = Document::parse(text, findings);
  if (!document) return std::nullopt;
  const NoEnvironment environment;
  Expander expander(environment, ".", Missing::Refuse);
  Reader reader(findings, expander);
  CatalogueTexts texts;
  kCatalogue.read_value(reader, document->root(), texts);
  if (findings.failed()) return std::nullopt;
  return texts;
}

}  // namespace sluice::config
