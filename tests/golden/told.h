// What a caller's dialect can hold of an answer.
#pragma once

#include "golden/heard.h"

namespace sluice::golden {

// What is heard again of an answer that was told in this dialect: says(), as far as it can hold it.
Json as_told(const Heard& heard, Dialect caller);

// The assistant's turn that a caller sends back after an answer that was told in its dialect: what
// is read of it, in the shape of Heard.
Heard echoed(const Told& told, Dialect caller);

}  // namespace sluice::golden
