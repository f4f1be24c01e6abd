#include "cli/commands.h"
#include "cli/simulator_server.h"

#include <signal.h>
#include <sys/resource.h>

#include <ostream>

namespace sluice::cli {
namespace {

// For as long as it lives, SIGTERM and SIGINT wait to be taken; threads made meanwhile inherit
// that.
class EndSignals {
 public:
  EndSignals() {
    sigemptyset(&ends_);
    sigaddset(&ends_, SIGTERM);
    sigaddset(&ends_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends_, &before_);
  }
  ~EndSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  EndSignals(const EndSignals&) = delete;
  EndSignals& operator=(const EndSignals&) = delete;

  void wait() {
    int signal = 0;
    sigwait(&ends_, &signal);
  }

 private:
  sigset_t ends_;
  sigset_t before_;
};

// Load tests open many connections.
void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int simulate(const SimulateOptions& options, std::ostream& out, std::ostream& err) {
  EndSignals ends;
  allow_many_descriptors();
  auto server = SimulatorServer::open(options);
  if (!server) {
    err << "sluice simulate: " << server.error()->message << '\n';
    return 1;
  }
  (*server)->start();
  out << "listening on " << (*server)->address().text() << '\n' << std::flush;
  ends.wait();
  (*server)->stop();
  return 0;
}

}  // namespace sluice::cli
