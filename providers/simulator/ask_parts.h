// Readers of what several kinds of request have in common.
#pragma once

#include "providers/simulator/ask.h"

namespace sluice::providers::simulator {

using Field = std::optional<json::Value>;

inline bool is_set(const Field& field) {
  return field && field->kind() != json::Kind::Null;
}

Result<void> read_flag(const Field& field, std::string_view param, bool& flag);
// A whole number from `least` to `most`; an absent one changes nothing.
Result<void> read_count(const Field& field, std::string_view param, std::size_t least,
                        std::size_t most, std::size_t& count);
Result<void> read_stops(const Field& field, Arena& arena, std::vector<std::string>& stops);
Result<void> read_stream(const Field& stream, const Field& options, Ask& ask);

std::string_view string_of(const Field& field, Arena& arena);  // Empty for anything else.
// A string, or the texts of a list of content parts.
std::string_view content_text(const Field& content, Arena& arena);

// `wrapper` is "function" where tools wrap their contents in a member of that name, else empty.
void read_tools(const Field& tools, std::string_view wrapper, Arena& arena, Ask& ask);
Result<void> read_tool_choice(const Field& choice, std::string_view wrapper, Arena& arena,
                              Ask& ask);
// {"type":…} with the schema in it or in its member `wrapper`.
void read_format(const Field& format, std::string_view wrapper, Ask& ask);

}  // namespace sluice::providers::simulator
