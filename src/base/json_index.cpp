#include "base/json_index.h"

#include "base/json_token.h"

namespace sluice::json {
namespace {

// What is wrong and where; no text: nothing is wrong.
struct Fault {
  std::string_view what = {};
  std::size_t offset = 0;
};

enum class Scalars { Checked, Skipped };

bool is_scalar(const Index& index, std::uint32_t position, Scalars scalars) {
  const char letter = index.at(position);
  if (letter == '"') return true;  // Its escapes are looked at apart, all in one go.
  if (scalars == Scalars::Checked) return is_plain_scalar(index.token(position));
  return letter == '-' || (letter >= '0' && letter <= '9') || letter == 't' || letter == 'f' ||
         letter == 'n';
}

// One round per value: its key if it has one, itself, and the closing brackets behind it.
template <Scalars scalars>
Fault check_structure(Index& index, std::uint32_t limit, std::vector<std::uint32_t>& open) {
  const auto fault = [&index](std::string_view what, std::uint32_t position) {
    if (position >= index.count) return Fault{"it ends too early", index.text.size()};
    return Fault{what, index.starts[position]};
  };
  const auto at = [&index](std::uint32_t position) {
    return position < index.count ? index.at(position) : '\0';
  };
  std::uint32_t position = 0;
  std::uint32_t depth = 0;
  char closing = '\0';  // What closes the innermost open bracket.
  for (;;) {
    if (closing == '}') {
      if (at(position) != '"') return fault("expected a key in quotes", position);
      if (at(position + 1) != ':') return fault("expected a colon behind the key", position + 1);
      position += 2;
    }
    const char first = at(position);
    if (first == '{' || first == '[') {
      if (depth == limit) return fault("it is nested too deeply", position);
      open[depth++] = position++;
      closing = first == '{' ? '}' : ']';
      if (at(position) != closing) continue;
    } else {
      if (position >= index.count || !is_scalar(index, position, scalars)) {
        return fault("expected a value", position);
      }
      ++position;
    }
    for (;;) {
      if (depth == 0) {
        return position == index.count ? Fault{} : fault("something follows the value", position);
      }
      const char next = at(position);
      if (next == ',') break;
      if (next != closing) {
        return fault(closing == '}' ? "expected a comma or a closing brace"
                                    : "expected a comma or a closing bracket",
                     position);
      }
      index.closes[open[--depth]] = position++;
      if (depth > 0) closing = index.at(open[depth - 1]) == '{' ? '}' : ']';
    }
    ++position;
  }
}

Fault check_escapes(const Index& index, std::string_view text) {
  const auto bad = find_bad_escape(text);
  if (!bad) return {};
  return {"a string holds an invalid escape",
          static_cast<std::size_t>(text.data() - index.text.data()) + *bad};
}

Fault check_scalar(const Index& index, std::uint32_t position) {
  if (index.at(position) == '"') return check_escapes(index, index.contents(position));
  if (is_scalar(index, position, Scalars::Checked)) return {};
  return {"expected a value", index.starts[position]};
}

// What is decided by in a large document: whose key could be taken for another is refused.
Fault check_root(const Index& index) {
  if (!index.opens(0)) return check_scalar(index, 0);
  for (const auto [key, value] : Value(index, 0).members()) {
    const auto quoted = key.raw();
    if (const auto fault = check_escapes(index, quoted); !fault.what.empty()) return fault;
    const auto kind = value.kind();
    if (kind == Kind::String || kind == Kind::Array || kind == Kind::Object) continue;
    if (!is_plain_scalar(value.raw())) return {"expected a value", value.offset()};
  }
  return {};
}

Fault check(Index& index, const Limits& limits, std::vector<std::uint32_t>& open) {
  if (index.text.size() > limits.strict_up_to) {
    const auto fault = check_structure<Scalars::Skipped>(index, limits.depth, open);
    return fault.what.empty() ? check_root(index) : fault;
  }
  const auto fault = check_structure<Scalars::Checked>(index, limits.depth, open);
  return fault.what.empty() ? check_escapes(index, index.text) : fault;
}

}  // namespace

std::unexpected<Failure> invalid_json(std::string_view what, std::size_t offset) {
  std::string message = "The body is not valid JSON: ";
  message.append(what).append(", at byte ").append(std::to_string(offset)).append(".");
  return fail(ErrorKind::InvalidRequest, "invalid_json", std::move(message));
}

Result<void> walk(Index& index, const Limits& limits, std::vector<std::uint32_t>& open) {
  if (open.size() < limits.depth) open.resize(limits.depth);
  const auto fault = check(index, limits, open);
  if (!fault.what.empty()) return invalid_json(fault.what, fault.offset);
  return {};
}

}  // namespace sluice::json
