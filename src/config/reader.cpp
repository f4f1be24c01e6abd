#include "config/reader.h"

#include "config/columns.h"

#include <algorithm>
#include <utility>

namespace sluice::config {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string shortened(std::string_view text) {
  constexpr std::size_t kShown = 40;
  if (text.size() <= kShown) return std::string(text);
  auto end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace

Written form_of(std::string_view text) {
  if (text == "true" || text == "false" || text == "True" || text == "False" || text == "TRUE" ||
      text == "FALSE") {
    return kBoolean;
  }
  auto number = text;
  if (number.starts_with('+') || number.starts_with('-')) number.remove_prefix(1);
  if (is_digits(number)) return kWhole;
  const auto radix = number.substr(0, 2);
  if ((radix == "0x" || radix == "0o") && number.size() > 2 &&
      number.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos) {
    return kWhole;
  }
  if (number == ".inf" || number == ".Inf" || number == ".INF" || number == ".nan" ||
      number == ".NaN" || number == ".NAN") {
    return kDecimal;
  }
  const auto exponent = number.find_first_of("eE");
  auto mantissa = number.substr(0, exponent);
  if (exponent != std::string_view::npos) {
    auto power = number.substr(exponent + 1);
    if (power.starts_with('+') || power.starts_with('-')) power.remove_prefix(1);
    if (!is_digits(power)) return kText;
  }
  const auto point = mantissa.find('.');
  if (point == std::string_view::npos) return is_digits(mantissa) ? kDecimal : kText;
  const auto before = mantissa.substr(0, point);
  const auto behind = mantissa.substr(point + 1);
  const bool digits =
      (before.empty() || is_digits(before)) && (behind.empty() || is_digits(behind));
  return digits && before.size() + behind.size() > 0 ? kDecimal : kText;
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::Null:
      return "nothing";
    case Node::Kind::List:
      return "a list";
    case Node::Kind::Map:
      return "a mapping";
    case Node::Kind::Scalar:
      break;
  }
  return "\"" + shortened(node.text) + "\"";
}

std::string Reader::path() const {
  std::string joined;
  for (const auto& step : path_) {
    if (const auto* index = std::get_if<std::size_t>(&step)) {
      joined += "[" + std::to_string(*index) + "]";
    } else {
      if (!joined.empty()) joined += ".";
      joined += shortened(std::get<std::string_view>(step));
    }
  }
  return joined;
}

void Reader::error(Position at, std::string_view message) {
  const auto where = path();
  findings_.error(at, (where.empty() ? where : where + ": ") + std::string(message));
}

void Reader::warning(Position at, std::string_view message) {
  findings_.warning(at, path() + ": " + std::string(message));
}

void Reader::expected(const Node& node, std::string_view what) {
  error(node, "expected " + std::string(what) + ", not " + describe(node));
}

std::optional<Position> Reader::place_in(const Node& node, std::size_t offset) const {
  if (has_expansion(node.text)) return std::nullopt;
  const auto bytes = bytes_before(line_from(source_, node.at), node, offset);
  if (!bytes) return std::nullopt;
  return Position{node.at.line, node.at.column + static_cast<int>(*bytes)};
}

std::string Reader::placeholder() {
  return "placeholder-" + std::to_string(++placeholders_);
}

std::optional<ScalarText> Reader::scalar(const Node& node, Written written,
                                         std::string_view expected_words) {
  left_open_ = false;
  if (node.kind != Node::Kind::Scalar) {
    expected(node, expected_words);
    return std::nullopt;
  }
  if (has_expansion(node.text)) {
    auto expanded = expander_.expand(node.text);
    if (!expanded) {
      error(node, expanded.error());
      return std::nullopt;
    }
    left_open_ = expanded->unresolved;
    if (left_open_) return std::nullopt;
    buffer_ = std::move(expanded->text);
    return ScalarText{buffer_, std::move(expanded->pieces), expander_.folder()};
  }
  const auto form = node.quoted ? kText : form_of(node.text);
  if (!(form & written) && (written & kText)) {
    // Not repeated: it may be a secret that somebody forgot to quote.
    error(node, "expected " + std::string(expected_words) + ", not a " +
                    (form == kBoolean ? "boolean" : "number") +
                    "; text that looks like one needs quotes");
    return std::nullopt;
  }
  if (!(form & written) && node.quoted) {
    error(node, "expected " + std::string(expected_words) + ", not text in quotes");
    return std::nullopt;
  }
  return ScalarText{node.text, {}, expander_.folder()};
}

}  // namespace sluice::config
