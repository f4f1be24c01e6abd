#include "cli/commands.h"

namespace sluice::cli {

int run(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  switch (invocation.command) {
    case Command::Check:
      return check({.path = invocation.config, .no_secrets = invocation.no_secrets}, out, err);
    case Command::Schema:
      return schema(out);
    case Command::Providers:
      return providers(out);
    case Command::Models:
      return models(invocation.config, out, err);
    case Command::Simulate:
      return simulate(invocation.simulate, out, err);
    case Command::Version:
      return version(invocation.json ? VersionForm::Json : VersionForm::Text, out);
    case Command::Serve:  // The daemon's.
    case Command::None:
      break;
  }
  return invocation.exit_code;
}

}  // namespace sluice::cli
