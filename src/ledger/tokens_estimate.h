// Estimates for models whose tokens are not counted exactly.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::ledger {

// Families whose vocabularies cut text alike. docs/token_counting.md says how far off each is.
enum class Tokenizer : std::uint8_t {
  Broad,  // Vocabularies of some 200,000 tokens and all that is not known better.
  Gemini,
  Llama,  // Llama 3 and later: the same for Latin script, costlier for the scripts of India.
  Claude,
};

// The family of a vendor's model, told by the model's name before the vendor's.
Tokenizer tokenizer_of(std::string_view vendor, std::string_view model);

// From what the text is made of (words, digits, scripts), without a vocabulary. At least 1 for any
// text but the empty one.
std::uint64_t estimate_tokens(Tokenizer tokenizer, std::string_view text);

}  // namespace sluice::ledger
