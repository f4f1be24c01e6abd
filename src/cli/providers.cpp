#include "cli/columns.h"
#include "cli/commands.h"
#include "config/built_in.h"
#include "config/catalogue_words.h"

namespace sluice::cli {
namespace {

std::string operations_of(const ProviderKind& kind) {
  std::string list;
  for (const OperationTraits& each : kOperationTable) {
    if (!kind.operations.test(static_cast<std::size_t>(each.operation))) continue;
    if (!list.empty()) list += ' ';
    list += each.name;
  }
  return list;
}

}  // namespace

int providers(std::ostream& out) {
  Rows rows{{"TYPE", "API", "KEY", "MODELS", "URL", "OPERATIONS"}};
  for (const ProviderKind& kind : config::built_in_kinds()) {
    rows.push_back({std::string(kind.type),
                    std::string(config::word_of(config::kApiWords, kind.api)),
                    std::string(config::word_of(config::kKeyKindWords, kind.key)),
                    std::to_string(kind.models.size()),
                    kind.base_url.empty() ? "-" : std::string(kind.base_url), operations_of(kind)});
  }
  print_columns(rows, out);
  return 0;
}

}  // namespace sluice::cli
