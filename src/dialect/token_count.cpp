#include "dialect/token_count.h"

namespace sluice::dialect {

std::string_view token_count_body(Operation operation, std::uint64_t tokens, Arena& arena) {
  const bool gemini = operation == Operation::CountContent;
  return arena.join(gemini ? R"({"totalTokens":)" : R"({"input_tokens":)", arena.number(tokens),
                    "}");
}

}  // namespace sluice::dialect
