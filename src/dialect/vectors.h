// Vectors as numbers and as base64 of little-endian 32-bit floats; neither way loses a bit.
#pragma once

#include "sluice/arena.h"
#include "sluice/conversation.h"

#include "base/json.h"

#include <string_view>

namespace sluice::dialect {

// Of an array of numbers.
std::string_view base64_of_numbers(const json::Value& numbers, Arena& arena);

// An array, each number with as few digits as say it exactly. Empty: it is no list of floats.
JsonText numbers_of_base64(std::string_view base64, Arena& arena);

}  // namespace sluice::dialect
