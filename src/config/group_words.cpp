#include "config/group_words.h"

#include "config/types.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace sluice::config {
namespace {

using Wrong = std::unexpected<std::string>;

constexpr std::string_view kOnWords =
    "connect, timeout, a status such as \"429\", \"4xx\" or \"5xx\"";

// Of three digits, 400 to 599.
std::optional<std::uint16_t> failed_status(std::string_view text) {
  const auto number = text.size() == 3 ? text::parse_uint(text) : std::nullopt;
  if (!number || *number < 400 || *number > 599) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

std::optional<std::uint16_t> failed_class(std::string_view text) {
  if (text == "4xx") return 4;
  if (text == "5xx") return 5;
  return std::nullopt;
}

Parsed<std::string> parse_on(const ScalarText& text) {
  const bool known = text.text == "connect" || text.text == "timeout" || failed_class(text.text) ||
                     failed_status(text.text);
  if (!known) return Wrong("");
  return std::string(text.text);
}

constexpr Scalar<std::string> kOnWord{
    kOnWords, kText | kWhole, "^(connect|timeout|[45][0-9][0-9]|[45]xx)$", parse_on, show_text};
constexpr ListOf<std::string> kOnList{
    "a list of connect, timeout and statuses such as \"429\" or \"5xx\"", kOnWord};

void add_once(std::vector<std::uint16_t>& list, std::uint16_t number) {
  if (std::ranges::find(list, number) == list.end()) list.push_back(number);
}

}  // namespace

void RetryOnType::read_value(Reader& reader, const Node& node, RetryOn& into) const {
  std::vector<std::string> words;
  kOnList.read_value(reader, node, words);
  into = {};
  for (const std::string& word : words) {
    into.connect |= word == "connect";
    into.timeout |= word == "timeout";
    if (const auto status = failed_status(word)) add_once(into.statuses, *status);
    if (const auto status_class = failed_class(word)) {
      add_once(into.status_classes, *status_class);
    }
  }
}

Shown RetryOnType::show_value(const RetryOn& value, Secrets secrets) const {
  std::vector<std::string> words;
  if (value.connect) words.emplace_back("connect");
  if (value.timeout) words.emplace_back("timeout");
  for (const auto status : value.statuses) words.push_back(std::to_string(status));
  for (const auto each : value.status_classes) words.push_back(std::to_string(each) + "xx");
  return kOnList.show_value(words, secrets);
}

Shape RetryOnType::shape() const {
  return kOnList.shape();
}

Parsed<std::variant<double, Milliseconds>> parse_hedge_after(const ScalarText& text) {
  if (text.text.starts_with('p')) {
    const auto percent = text::parse_uint(text.text.substr(1));
    if (text.text.size() != 3 || !percent || *percent < 50) return Wrong("");
    return static_cast<double>(*percent) / 100;
  }
  const auto duration = parse_some_duration(text);
  if (!duration) return Wrong(duration.error());
  return *duration;
}

Shown show_hedge_after(const std::variant<double, Milliseconds>& value) {
  if (const auto* duration = std::get_if<Milliseconds>(&value)) return show_duration(*duration);
  return Shown::plain("p" + std::to_string(std::lround(std::get<double>(value) * 100)));
}

Parsed<StickySettings> parse_sticky(const ScalarText& text) {
  constexpr std::string_view kHeader = "header:";
  if (text.text == "user") return StickySettings{StickySettings::By::User, {}};
  if (text.text == "prompt") return StickySettings{StickySettings::By::Prompt, {}};
  if (!text.text.starts_with(kHeader)) return Wrong("");
  auto name = parse_header_name({text.text.substr(kHeader.size()), {}, {}});
  if (!name) return Wrong(name.error());
  return StickySettings{StickySettings::By::Header, *std::move(name)};
}

Shown show_sticky(const StickySettings& value) {
  switch (value.by) {
    case StickySettings::By::User:
      return Shown::quoted("user");
    case StickySettings::By::Prompt:
      return Shown::quoted("prompt");
    case StickySettings::By::Header:
      return Shown::quoted("header:" + value.header);
  }
  return {};
}

}  // namespace sluice::config
