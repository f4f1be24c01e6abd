// What a provider's settings say together with the catalogue.
#pragma once

#include "config/catalogue.h"
#include "config/config.h"
#include "config/node.h"
#include "config/reader.h"

namespace sluice::config {

// Finds the kinds of all providers, takes over what they say where the settings are silent, and
// tells what does not fit.
void settle_providers(Config& config, const Node& root, Reader& reader, const Catalogue& catalogue);

}  // namespace sluice::config
