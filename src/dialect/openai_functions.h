// The functions that chat completions had before tools. They are read as tools, and remembered by
// two marks, so that callers who still speak so are answered in the same way.
#pragma once

#include "sluice/conversation.h"

#include <string_view>

namespace sluice::dialect::chat {

// Calls had no id: it is this and a number.
inline constexpr std::string_view kFunctionCallId = "call_function_";
inline constexpr std::string_view kDeprecatedFunction = "functions";  // Tool::type

inline bool speaks_of_functions(const Conversation& conversation) {
  return !conversation.tools.empty() && conversation.tools.front().kind == ToolKind::Function &&
         conversation.tools.front().type == kDeprecatedFunction;
}

}  // namespace sluice::dialect::chat
