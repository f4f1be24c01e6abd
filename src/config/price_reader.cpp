#include "config/price_reader.h"

#include "config/compound.h"
#include "config/decimal.h"
#include "config/no_environment.h"
#include "config/types.h"

#include <algorithm>
#include <array>

namespace sluice::config {
namespace {

constexpr int kPicoDollars = 12;

Parsed<std::int64_t> parse_usd(const ScalarText& text) {
  // A floor of what is sensible, too: a price in the wrong unit is better told than billed.
  constexpr std::int64_t kLargest = 1'000'000'000'000'000'000;  // A million USD.
  const auto amount = parse_decimal(text.text, kPicoDollars);
  if (!amount || *amount > kLargest) return std::unexpected("");
  return *amount;
}

constexpr Scalar<std::int64_t> kUsd{"an amount of USD such as 0.25", kWhole | kDecimal, "",
                                    parse_usd, show_nothing<std::int64_t>};
constexpr Scalar<std::int64_t> kDay{
    "a day such as 2027-01-31", kText, "",
    [](const ScalarText& text) -> Parsed<std::int64_t> {
      const auto day = parse_date(text.text);
      if (!day) return std::unexpected("");
      return std::chrono::seconds(std::chrono::sys_days(*day).time_since_epoch()).count();
    },
    show_nothing<std::int64_t>};

constexpr Scalar<std::int64_t> kTokens{"a count such as 200k", kText | kWhole, "",
                                       [](const ScalarText& text) -> Parsed<std::int64_t> {
                                         const auto count = parse_count(text.text);
                                         if (!count || *count == 0) return std::unexpected("");
                                         return static_cast<std::int64_t>(*count);
                                       },
                                       show_nothing<std::int64_t>};

// As it is written: all beside each other.
struct Line {
  Rates rates;
  Price price;
  std::vector<PriceTier> tiers;
};

template <auto Outer, auto Inner>
constexpr Field within(std::string_view name, const Of<std::int64_t>& type) {
  using Struct = typename MemberPointer<Outer>::Struct;
  void* (*member)(void*) = [](void* object) -> void* {
    return &(static_cast<Struct*>(object)->*Outer.*Inner);
  };
  return {.name = name, .type = &type, .member = member};
}

template <auto Outer>
constexpr std::array kRateFields = {
    within<Outer, &Rates::input>("input", kUsd),
    within<Outer, &Rates::cached>("cached", kUsd),
    within<Outer, &Rates::cache_write>("cache_write", kUsd),
    within<Outer, &Rates::cache_write_1h>("cache_write_1h", kUsd),
    within<Outer, &Rates::output>("output", kUsd),
    within<Outer, &Rates::reasoning>("reasoning", kUsd),
    within<Outer, &Rates::audio_input>("audio_input", kUsd),
    within<Outer, &Rates::audio_output>("audio_output", kUsd),
    within<Outer, &Rates::image_input>("image_input", kUsd),
    within<Outer, &Rates::image_output>("image_output", kUsd),
};

template <std::size_t one, std::size_t other>
constexpr std::array<Field, one + other> joined(const std::array<Field, one>& first,
                                                const std::array<Field, other>& second) {
  std::array<Field, one + other> all{};
  std::ranges::copy(first, all.begin());
  std::ranges::copy(second, all.begin() + one);
  return all;
}

constexpr std::array kTierFields =
    joined(kRateFields<&PriceTier::rates>,
           std::array{field<&PriceTier::above>("tokens", kTokens, "of input", Need::Required)});
constexpr Section<PriceTier> kTier{kTierFields};
constexpr ListOf<PriceTier> kTiers{"a list of { tokens, input, … }", kTier};

constexpr std::array kLineFields =
    joined(kRateFields<&Line::rates>,
           std::array{
               within<&Line::price, &Price::from>("from", kDay),
               within<&Line::price, &Price::until>("until", kDay),
               within<&Line::price, &Price::request>("request", kUsd),
               within<&Line::price, &Price::search>("search", kUsd),
               within<&Line::price, &Price::image>("image", kUsd),
               within<&Line::price, &Price::second>("second", kUsd),
               within<&Line::price, &Price::character>("character", kUsd),
               field<&Line::tiers>("above", kTiers, "dearer from so many tokens of input"),
           });

void settle_line(Reader& reader, const Node& node, Line& line) {
  if (line.price.from >= line.price.until) {
    reader.error(node, "until: expected a day behind that of `from`");
  }
  std::ranges::sort(line.tiers, {}, &PriceTier::above);
  line.price.rates = line.rates;
  const auto is_day = [](std::string_view key) { return key == "from" || key == "until"; };
  if (std::ranges::all_of(node.entries, is_day, &Node::Entry::key)) {
    reader.error(node, "says no price; a model that costs nothing has input: 0");
  }
}
constexpr Section<Line> kLine{kLineFields, settle_line};
constexpr ListOf<Line> kLines{"a price, or a list of them", kLine, 1};

// Each is in force until the next begins.
void join_lines(Reader& reader, const Node& node, std::vector<Line>& lines) {
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    Price& price = lines[i].price;
    const std::int64_t next = lines[i + 1].price.from;
    if (next <= price.from) {
      reader.error(*node.entries[i + 1].value, "expected the prices in the order of their `from`");
    }
    price.until = std::min(price.until, next);
  }
}

void read_model(Reader& reader, const Node& node, std::string_view provider, std::string_view model,
                std::vector<PriceTexts>& into) {
  std::vector<Line> lines;
  if (node.kind == Node::Kind::List) {
    kLines.read_value(reader, node, lines);
    if (lines.size() == node.entries.size()) join_lines(reader, node, lines);
  } else {
    kLine.read_value(reader, node, lines.emplace_back());
  }
  for (Line& line : lines) {
    into.push_back({std::string(provider), std::string(model), line.price, std::move(line.tiers)});
  }
}

void read_provider(Reader& reader, const Node& node, std::string_view provider,
                   std::vector<PriceTexts>& into) {
  if (node.kind != Node::Kind::Map) {
    return reader.expected(node, "a mapping from models to prices");
  }
  for (const Node::Entry& entry : node.entries) {
    const Reader::Step model(reader, entry.key);
    const auto star = entry.key.find('*');
    if (entry.key.empty() || (star != std::string_view::npos && star + 1 != entry.key.size())) {
      reader.error(entry.key_at, "expected a model's name, with one star at most, at its end");
    }
    read_model(reader, *entry.value, provider, entry.key, into);
  }
}

}  // namespace

std::vector<PriceTexts> read_prices(std::string_view text, Findings& findings) {
  std::vector<PriceTexts> all;
  const auto document = Document::parse(text, findings);
  if (!document) return all;
  const NoEnvironment environment;
  Expander expander(environment, ".", Missing::Refuse);
  Reader reader(findings, expander);
  const Node& root = document->root();
  if (root.kind != Node::Kind::Map) {
    reader.expected(root, "a mapping from types of providers to models and their prices");
    return all;
  }
  for (const Node::Entry& entry : root.entries) {
    const Reader::Step provider(reader, entry.key);
    read_provider(reader, *entry.value, entry.key, all);
  }
  return all;
}

}  // namespace sluice::config
