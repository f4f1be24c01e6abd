#include "cli/commands.h"
#include "config/load.h"

#include <ostream>

namespace sluice::cli {
namespace {

void print(const std::vector<config::Diagnostic>& diagnostics, std::ostream& out) {
  for (const config::Diagnostic& each : diagnostics) {
    const bool warning = each.severity == config::Diagnostic::Severity::Warning;
    config::Diagnostic told = each;
    if (warning) told.message = "warning: " + told.message;
    out << told.text() << '\n';
  }
}

}  // namespace

int check(const CheckOptions& options, std::ostream& out, std::ostream& err) {
  const config::ProcessEnvironment environment;
  const auto loaded = config::load(options.path, environment, {.no_secrets = options.no_secrets});
  if (!loaded) {
    print(loaded.error(), err);
    return 1;
  }
  print((*loaded)->warnings(), err);
  out << options.path << ": ok\n";
  return 0;
}

}  // namespace sluice::cli
