// What providers/*/catalogue.yaml and config/prices.yaml said when this program was built:
// compiler/compile_catalogues.cpp checks them and writes them as tables that need no reading.
#pragma once

#include "sluice/catalogue.h"
#include "sluice/price.h"

#include <span>

namespace sluice::config {

std::span<const ProviderKind> built_in_kinds();  // Sorted by type.
std::span<const Price> built_in_prices();        // By provider, model and begin.

}  // namespace sluice::config
