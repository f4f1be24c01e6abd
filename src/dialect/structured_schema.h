// JSON Schemas for APIs that take less than all of JSON Schema.
#pragma once

#include "sluice/arena.h"
#include "sluice/conversation.h"

#include "dialect/losses.h"

namespace sluice::dialect {

// The schema of a tool's arguments, which must say that they are an object.
JsonText object_schema(JsonText schema, Arena& arena);

// A schema of answers as Anthropic takes it: objects are closed, and bounds of numbers and lengths
// are left out.
JsonText structured_schema(JsonText schema, Losses& losses, Arena& arena);

}  // namespace sluice::dialect
