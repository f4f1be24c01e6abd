#pragma once

#include "sluice/usage.h"

#include "base/json.h"

namespace sluice::dialect {

// The "usage" object of chat completions, completions, embeddings, responses or images.
Usage read_openai_usage(const json::Value& usage);

}  // namespace sluice::dialect
