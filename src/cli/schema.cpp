#include "cli/commands.h"
#include "config/describe.h"

#include <ostream>

namespace sluice::cli {

int schema(std::ostream& out) {
  out << config::schema_json();
  return 0;
}

}  // namespace sluice::cli
