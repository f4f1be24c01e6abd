// Reads LiteLLM's model_prices_and_context_window.json as it is.
#pragma once

#include "sluice/error.h"

#include "config/catalogue.h"
#include "config/price_table.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

struct LiteLlmPrices {
  struct Skipped {
    std::string name;
    std::string_view why;
  };

  std::vector<PriceTexts> prices;
  std::map<std::string, std::vector<ModelTexts>> models;  // By type of provider.
  std::vector<Skipped> skipped;
};

// It is told from a file of ours by its first character.
bool looks_like_litellm(std::string_view text);

// Fails when it is no JSON object, or when an entry of it has a price that is no number.
Result<LiteLlmPrices> read_litellm_prices(std::string_view text);

}  // namespace sluice::config
