#include "cli/columns.h"

#include <algorithm>
#include <ostream>

namespace sluice::cli {

void print_columns(const Rows& rows, std::ostream& out) {
  constexpr std::size_t kGap = 2;
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out << row[i];
      if (i + 1 < row.size()) out << std::string(widths[i] + kGap - row[i].size(), ' ');
    }
    out << '\n';
  }
}

}  // namespace sluice::cli
