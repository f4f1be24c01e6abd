// A minimal instance of a JSON schema, always the same one.
#pragma once

#include "base/json.h"

#include <optional>
#include <string>

namespace sluice::providers::simulator {

// What it honours: type, const, enum, $ref within the document, anyOf, oneOf, allOf, properties
// with required, items with minItems, minLength, maxLength, format, minimum, maximum,
// exclusiveMinimum, exclusiveMaximum, multipleOf. Patterns, conditions and negations are not.
std::string instance_of(const std::optional<json::Value>& schema);

}  // namespace sluice::providers::simulator
