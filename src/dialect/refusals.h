// Refusals that another model might not repeat: it reads more, or judges otherwise.
#pragma once

#include "sluice/error.h"

#include <cstdint>

namespace sluice::dialect {

enum class Refusal : std::uint8_t { None, ContextLength, ContentPolicy };

// Of what a provider answered: by its code where it has one, else by its words.
Refusal refusal_of(const ApiError& error);

}  // namespace sluice::dialect
