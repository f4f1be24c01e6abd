// Bytes as letters, for what an API's libraries decode by themselves.
#pragma once

#include "sluice/arena.h"

#include <string>
#include <string_view>

namespace sluice::dialect {

void append_base64(std::string& out, std::string_view bytes);

// In either alphabet, with or without its padding. Empty: it is not base64.
std::string_view from_base64(std::string_view text, Arena& arena);

}  // namespace sluice::dialect
