// Rows of text under each other, as wide as they need to be.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace sluice::cli {

using Rows = std::vector<std::vector<std::string>>;

// All but the last column are filled up with spaces.
void print_columns(const Rows& rows, std::ostream& out);

}  // namespace sluice::cli
