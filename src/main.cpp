// The composition root: from the command line to what it asks for.
#include "cli/commands.h"
#include "cli/parse.h"
#include "daemon/daemon.h"

#include <iostream>

int main(int argc, char** argv) {
  const sluice::cli::Invocation invocation = sluice::cli::parse(argc, argv, std::cout, std::cerr);
  if (invocation.command == sluice::cli::Command::Serve)
    return sluice::daemon::Daemon(invocation.config).run();
  return sluice::cli::run(invocation, std::cout, std::cerr);
}
