// How an answer to "how many tokens is this?" is written.
#pragma once

#include "sluice/arena.h"
#include "sluice/operation.h"

#include <cstdint>
#include <string_view>

namespace sluice::dialect {

constexpr bool asks_for_count(Operation operation) {
  return operation == Operation::CountTokens || operation == Operation::CountContent;
}

std::string_view token_count_body(Operation operation, std::uint64_t tokens, Arena& arena);

}  // namespace sluice::dialect
