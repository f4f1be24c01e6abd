// The recorded traffic of providers, as files of the tree.
#pragma once

#include "sluice/dialect.h"
#include "sluice/reply.h"

#include <nlohmann/json.hpp>

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::golden {

using Json = nlohmann::json;

struct Case {
  std::string name;  // "anthropic/messages-stream-21c902"
  Dialect dialect = Dialect::Opaque;
  std::string model;
  int status = 200;
  std::string request;  // Empty: not recorded.
  std::string answer;   // The body, or the stream's bytes.
  Framing framing = Framing::None;
  Json says;  // Of expect.py; null where there is none.
};

// How googletest names one in its messages.
void PrintTo(const Case& one, std::ostream* out);

// All cases of conversations, in a fixed order.
const std::vector<Case>& all_cases();

// The dialects that callers use.
inline constexpr Dialect kCallers[] = {Dialect::Chat, Dialect::Responses, Dialect::Messages,
                                       Dialect::Gemini, Dialect::Converse};
// And those that providers use.
inline constexpr Dialect kTargets[] = {Dialect::Chat,   Dialect::Responses, Dialect::Messages,
                                       Dialect::Gemini, Dialect::Converse,  Dialect::Cohere,
                                       Dialect::Ollama};
std::string_view name_of(Dialect dialect);

// Case names as gtest likes them.
std::string test_name(std::string_view name);

}  // namespace sluice::golden
