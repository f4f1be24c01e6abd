// What the whole configuration must hold, beyond each value by itself.
#pragma once

#include "config/config.h"
#include "config/node.h"
#include "config/reader.h"

namespace sluice::config {

// `root` is where `config` was read from: it says where each value stands.
void check(const Config& config, const Node& root, Reader& reader);

}  // namespace sluice::config
