// Fields of requests that the configuration sets: spliced into the body, all else stays as it came.
#pragma once

#include "sluice/arena.h"
#include "sluice/request.h"

#include <span>
#include <string_view>

namespace sluice::dialect {

// The body with `defaults` where the caller says nothing (or null) and with `overrides` whatever it
// says. Each is a name that OpenAI gives to a field and its value as JSON; where `dialect` has
// another name, place or form for it, that is meant. A name that is none of those goes to the top
// of OpenAI's bodies and is left out of all others; the model and whether to stream stay the
// caller's. The body itself when nothing changes; else in the arena.
Result<std::string_view> with_fields(std::string_view body, Dialect dialect,
                                     std::span<const Field> defaults,
                                     std::span<const Field> overrides, Arena& arena);

}  // namespace sluice::dialect
