#include "config/columns.h"

namespace sluice::config {
namespace {

// Bytes of what stands for one byte of the text; 0: it is not counted.
std::size_t step(std::string_view rest, char quote) {
  if (rest.front() == quote) return rest.starts_with("''") ? 2 : 0;
  if (quote == '\'' || rest.front() != '\\') return 1;
  constexpr std::string_view kSingle = "\"\\/ abtnvfre0";
  return rest.size() > 1 && kSingle.contains(rest[1]) ? 2 : 0;
}

}  // namespace

std::string_view line_from(std::string_view source, Position at) {
  for (int line = 1; line < at.line; ++line) {
    const auto end = source.find('\n');
    if (end == std::string_view::npos) return {};
    source.remove_prefix(end + 1);
  }
  source = source.substr(0, source.find('\n'));
  const auto skipped = static_cast<std::size_t>(at.column - 1);
  return skipped < source.size() ? source.substr(skipped) : std::string_view();
}

std::optional<std::size_t> bytes_before(std::string_view line, const Node& node,
                                        std::size_t offset) {
  if (!node.quoted) {
    return line.starts_with(node.text) ? std::optional(offset) : std::nullopt;
  }
  if (!line.starts_with('\'') && !line.starts_with('"')) return std::nullopt;
  const char quote = line.front();
  std::size_t at = 1;
  std::optional<std::size_t> found;
  for (std::size_t byte = 0; byte < node.text.size(); ++byte) {
    if (byte == offset) found = at;
    const std::size_t length = at < line.size() ? step(line.substr(at), quote) : 0;
    if (length == 0) return std::nullopt;
    at += length;
  }
  if (at >= line.size() || line[at] != quote) return std::nullopt;
  return found.value_or(at);
}

}  // namespace sluice::config
