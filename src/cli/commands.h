// What the command line can do but serve. Each answers the exit code: 0, 1 for what was found
// wrong, 2 for a wrong command line.
#pragma once

#include "cli/parse.h"

#include <iosfwd>
#include <string>

namespace sluice::cli {

// Whatever was asked for; anything but Serve.
int run(const Invocation& invocation, std::ostream& out, std::ostream& err);

struct CheckOptions {
  std::string path;
  bool no_secrets = false;
};
int check(const CheckOptions& options, std::ostream& out, std::ostream& err);

int schema(std::ostream& out);
int providers(std::ostream& out);
int models(const std::string& path, std::ostream& out, std::ostream& err);

// Until SIGTERM or SIGINT.
int simulate(const SimulateOptions& options, std::ostream& out, std::ostream& err);

enum class VersionForm : bool { Text, Json };
int version(VersionForm form, std::ostream& out);

}  // namespace sluice::cli
