#include "net/happy_eyeballs.h"

#include "net/connect_error.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>

namespace sluice::net {
namespace {

constexpr Duration kStagger = std::chrono::milliseconds(250);

void set(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof(value));
}

void prepare(int fd) {
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  // A peer that vanished without a word is noticed after about a minute and a half.
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 45);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

// Attempts that run side by side; whoever waits for them hears of each end.
class Race final : private Ready, private Timer {
 public:
  explicit Race(Loop& loop) : loop_(loop) {}
  Race(const Race&) = delete;
  Race& operator=(const Race&) = delete;

  void start(const SocketAddress& address) {
    const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      error_ = errno;
      return;
    }
    prepare(fd);
    if (::connect(fd, address.data(), address.size()) != 0 && errno != EINPROGRESS) {
      error_ = errno;
      ::close(fd);
      return;
    }
    ++running_;
    Task<void>& attempt = attempts_.emplace_back(run_attempt(make_tcp_transport(loop_, fd)));
    attempt.enter(std::noop_coroutine()).resume();
  }

  bool anything_runs() const { return running_ > 0; }
  int error() const { return error_; }
  std::unique_ptr<Transport> winner() { return std::move(winner_); }

  // Until an attempt ends, or until then.
  auto changed(Instant until) {
    struct Awaiter {
      Race& race;
      Instant until;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> caller) const {
        race.caller_ = caller;
        race.loop_.timers().arm(race, until);
      }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this, until};
  }

 private:
  Task<void> run_attempt(std::unique_ptr<Transport> transport) {
    co_await transport->descriptor().writable(kNever);
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(transport->descriptor().fd(), SOL_SOCKET, SO_ERROR, &error, &size);
    --running_;
    if (error != 0) {
      error_ = error;
    } else if (!winner_) {
      winner_ = std::move(transport);
    }
    tell();
  }
  void tell() {
    disarm();
    if (!queued()) loop_.queue(*this);
  }
  void on_time() override { tell(); }
  void run() override { caller_.resume(); }

  Loop& loop_;
  std::deque<Task<void>> attempts_;
  std::size_t running_ = 0;
  int error_ = 0;
  std::unique_ptr<Transport> winner_;
  std::coroutine_handle<> caller_;
};

}  // namespace

std::vector<SocketAddress> interleaved(const std::vector<SocketAddress>& addresses) {
  if (addresses.empty()) return {};
  std::deque<SocketAddress> first;
  std::deque<SocketAddress> second;
  for (const SocketAddress& address : addresses) {
    (address.family() == addresses.front().family() ? first : second).push_back(address);
  }
  std::vector<SocketAddress> mixed;
  while (!first.empty()) {
    mixed.push_back(first.front());
    first.pop_front();
    if (!second.empty()) std::swap(first, second);
  }
  return mixed;
}

Task<Result<std::unique_ptr<Transport>>> connect_first(Loop& loop, const std::string& name,
                                                       std::vector<SocketAddress> addresses,
                                                       Instant deadline) {
  Race race(loop);
  auto next = addresses.begin();
  for (;;) {
    // An attempt that fails at once does not cost the next one its turn.
    Instant wake = deadline;
    if (next != addresses.end()) {
      race.start(*next++);
      if (next != addresses.end()) wake = std::min(deadline, loop.now() + kStagger);
    }
    if (race.anything_runs()) {
      co_await race.changed(wake);
      if (auto winner = race.winner()) co_return winner;
      if (loop.now() >= deadline) {
        co_return connect_timed_out(name + " did not answer in time");
      }
    } else if (next == addresses.end()) {
      const int error = race.error();
      co_return connect_failed("could not connect to " + name + ": " + std::strerror(error),
                               "errno " + std::to_string(error));
    }
  }
}

}  // namespace sluice::net
