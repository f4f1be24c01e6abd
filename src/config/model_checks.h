// What the names of `models:` say together.
#pragma once

#include "config/config.h"
#include "config/node.h"
#include "config/reader.h"

namespace sluice::config {

// `root` is what the configuration was read from, without an error.
void check_models(const Config& config, const Node& root, Reader& reader);

}  // namespace sluice::config
