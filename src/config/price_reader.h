// Reads files of prices: config/prices.yaml says how ours are written.
#pragma once

#include "config/diagnostic.h"
#include "config/price_table.h"

#include <string_view>
#include <vector>

namespace sluice::config {

std::vector<PriceTexts> read_prices(std::string_view text, Findings& findings);

}  // namespace sluice::config
