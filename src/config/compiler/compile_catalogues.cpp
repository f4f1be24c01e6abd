// compile_catalogues OUT PRICES CATALOGUE…: writes the built-in catalogues and prices as C++
// tables. A part of the build: what is wrong with a file is an error of the build.
#include "config/catalogue_reader.h"
#include "config/environment.h"
#include "config/price_reader.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace sluice::config {
namespace {

std::string literal(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string number(std::int64_t value) {
  // The least has no literal of its own.
  if (value == std::numeric_limits<std::int64_t>::min()) {
    return "std::numeric_limits<std::int64_t>::min()";
  }
  return std::to_string(value);
}

// The text of a file; what is wrong with it ends the build.
template <class Read>
auto read_file(const std::string& path, bool& failed, Read read) {
  Findings findings(path, 20);
  const ProcessEnvironment environment;
  const auto text = environment.file(path);
  if (!text) findings.error({}, text.error()->message);
  auto value = read(text ? std::string_view(*text) : std::string_view(), findings);
  failed |= findings.failed();
  for (const Diagnostic& each : findings.take_errors()) std::cerr << each.text() << '\n';
  return value;
}

void write_models(std::ostream& out, const ProviderKind& kind, std::size_t index) {
  if (!kind.models.empty()) {
    out << "constexpr ModelFacts kModels" << index << "[] = {\n";
    for (const ModelFacts& facts : kind.models) {
      out << "    {" << literal(facts.id) << ", " << facts.context << ", " << facts.most_output
          << ", Abilities(" << facts.abilities.bits() << ")},\n";
    }
    out << "};\n";
  }
  if (!kind.quirks.refuses.empty()) {
    out << "constexpr std::string_view kRefuses" << index << "[] = {";
    for (const std::string_view name : kind.quirks.refuses) out << literal(name) << ", ";
    out << "};\n";
  }
}

void write_kind(std::ostream& out, const ProviderKind& kind, std::size_t index) {
  const Quirks& quirks = kind.quirks;
  const auto flag = [](bool value) { return value ? "true" : "false"; };
  out << "    {" << literal(kind.type) << ", " << literal(kind.title) << ", Api("
      << static_cast<int>(kind.api) << "), " << literal(kind.base_url) << ", KeyKind("
      << static_cast<int>(kind.key) << "), " << literal(kind.telemetry_name) << ", "
      << kind.operations.to_ullong() << "ULL, Abilities(" << kind.abilities.bits()
      << "),\n     {Quirks::Usage(" << static_cast<int>(quirks.stream_usage)
      << "), Quirks::Thoughts(" << static_cast<int>(quirks.thoughts) << "), "
      << flag(quirks.completion_tokens) << ", " << flag(quirks.developer_role) << ", "
      << flag(quirks.bills_when_cancelled) << ", " << flag(quirks.text_only_tools) << ", "
      << quirks.most_embeddings << ", ";
  if (quirks.refuses.empty()) {
    out << "{}}, ";
  } else {
    out << "kRefuses" << index << "}, ";
  }
  if (kind.models.empty()) {
    out << "{}},\n";
  } else {
    out << "kModels" << index << "},\n";
  }
}

void write_rates(std::ostream& out, const Rates& rates) {
  out << "{" << rates.input << ", " << rates.cached << ", " << rates.cache_write << ", "
      << rates.cache_write_1h << ", " << rates.output << ", " << rates.reasoning << ", "
      << rates.audio_input << ", " << rates.audio_output << ", " << rates.image_input << ", "
      << rates.image_output << "}";
}

void write_prices(std::ostream& out, std::vector<PriceTexts> prices) {
  std::ranges::sort(prices, {}, [](const PriceTexts& each) {
    return std::tie(each.provider, each.model, each.price.from);
  });
  for (std::size_t i = 0; i < prices.size(); ++i) {
    if (prices[i].tiers.empty()) continue;
    out << "constexpr PriceTier kTiers" << i << "[] = {";
    for (const PriceTier& tier : prices[i].tiers) {
      out << "{" << tier.above << ", ";
      write_rates(out, tier.rates);
      out << "}, ";
    }
    out << "};\n";
  }
  out << "constexpr Price kPrices[] = {\n";
  for (std::size_t i = 0; i < prices.size(); ++i) {
    const auto& [provider, model, price, tiers] = prices[i];
    out << "    {" << literal(provider) << ", " << literal(model) << ", "
        << literal(price_id(provider, model, price.from)) << ", " << number(price.from) << ", "
        << number(price.until) << ", ";
    write_rates(out, price.rates);
    out << ", " << (tiers.empty() ? std::string("{}") : "kTiers" + std::to_string(i)) << ", "
        << price.request << ", " << price.search << ", " << price.image << ", " << price.second
        << ", " << price.character << "},\n";
  }
  out << "};\n";
}

int compile(const std::string& target, const std::string& prices_path,
            std::span<char* const> catalogue_paths) {
  bool failed = false;
  Catalogue catalogue;
  std::set<std::string> types;
  for (const std::string path : catalogue_paths) {
    const auto texts = read_file(path, failed, read_catalogue);
    if (!texts) continue;
    if (!types.insert(texts->type).second) {
      std::cerr << path << ":1:1: type: there is another \"" << texts->type << "\"\n";
      failed = true;
    }
    catalogue.merge(*texts);
  }
  auto prices = read_file(prices_path, failed, read_prices);
  for (const PriceTexts& each : prices) {
    if (catalogue.find(each.provider)) continue;
    std::cerr << prices_path << ":1:1: " << each.provider << ": is no type of a catalogue\n";
    failed = true;
  }
  if (failed) return 1;

  std::ofstream out(target);
  out << "#include \"config/built_in.h\"\n\n#include <limits>\n\nnamespace sluice::config {\n"
         "namespace {\n\n";
  std::size_t index = 0;
  for (const ProviderKind* kind : catalogue.kinds()) write_models(out, *kind, index++);
  index = 0;
  out << "constexpr ProviderKind kKinds[] = {\n";
  for (const ProviderKind* kind : catalogue.kinds()) write_kind(out, *kind, index++);
  out << "};\n\n";
  write_prices(out, std::move(prices));
  out << "\n}  // namespace\n\n"
         "std::span<const ProviderKind> built_in_kinds() {\n  return kKinds;\n}\n\n"
         "std::span<const Price> built_in_prices() {\n  return kPrices;\n}\n\n"
         "}  // namespace sluice::config\n";
  out.close();
  return out.good() ? 0 : 1;
}

}  // namespace
}  // namespace sluice::config

int main(int count, char** arguments) {
  if (count < 4) {
    std::cerr << "usage: compile_catalogues OUT PRICES CATALOGUE...\n";
    return 2;
  }
  return sluice::config::compile(arguments[1], arguments[2],
                                 std::span(arguments + 3, static_cast<std::size_t>(count - 3)));
}
