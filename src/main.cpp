// The composition root: from the command line to what it asks for.
#include "cli/commands.h"
#include "cli/parse.h"
#include "daemon/daemon.h"

#include <iostream>

int main(int argc, char** argv) {
  using namespace sluice;
  const cli::Invocation invocation = cli::parse(argc, argv, std::cout, std::cerr);
  if (invocation.command == cli::Command::Serve) return daemon::Daemon(invocation.config).run();
  return cli::run(invocation, std::cout, std::cerr);
}
