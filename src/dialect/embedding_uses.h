// What vectors are for, in the words of each provider.
#pragma once

#include "dialect/embeddings.h"

#include <string_view>

namespace sluice::dialect {

struct UseWord {
  std::string_view word = {};  // Empty: there is none.
  bool exact = false;          // Else it says nearly the same.
};

// In the words of the one who is asked by this body.
UseWord use_word(EmbeddingUse use, EmbeddingApi api);

// Of anybody's word; NotGiven for what is none.
EmbeddingUse use_of(std::string_view word);

}  // namespace sluice::dialect
