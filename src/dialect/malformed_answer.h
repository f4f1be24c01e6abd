// What every decoder says of an answer that it cannot read.
#pragma once

#include "sluice/error.h"

#include <string>

namespace sluice::dialect {

// The answer is none that its API promises.
std::unexpected<Failure> malformed_answer(std::string detail);

}  // namespace sluice::dialect
