// Reads catalogue.yaml: strict, as all files. docs/add_a_provider.md shows one.
#pragma once

#include "config/catalogue.h"
#include "config/diagnostic.h"

#include <optional>
#include <string_view>

namespace sluice::config {

// nullopt: the findings say why.
std::optional<CatalogueTexts> read_catalogue(std::string_view text, Findings& findings);

}  // namespace sluice::config
