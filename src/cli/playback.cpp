#include "cli/playback.h"

#include "cli/outlet.h"

#include <sys/socket.h>

#include <string>
#include <utility>

namespace sluice::cli {
namespace {

using net::Last;
using providers::simulator::Step;
using providers::simulator::Then;

constexpr std::size_t kAtOnce = std::size_t{16} * 1024;

// Dissolving the association makes the system send a reset at once, without a FIN before it.
void reset(net::HttpExchange& exchange) {
  sockaddr nobody{};
  nobody.sa_family = AF_UNSPEC;
  static_cast<void>(::connect(exchange.transport().descriptor().fd(), &nobody, sizeof(nobody)));
}

// Everything that is due together goes out together.
class Playback {
 public:
  Playback(net::HttpExchange& exchange, providers::simulator::Reply reply)
      : exchange_(exchange),
        loop_(exchange.loop()),
        script_(std::move(reply.script)),
        outlet_(exchange, std::move(reply.head)) {}

  Task<void> run() {
    co_await wait(outlet_.wait_before_head());
    for (;;) {
      const Step step = script_.next();
      if (step.wait.count() > 0) {
        if (!co_await flush(Last::No)) co_return;
        co_await wait(step.wait);
      }
      if (step.then == Then::Finish && gathered_.empty()) {
        co_await outlet_.send(step.bytes, Last::Yes);
        co_return;
      }
      gathered_ += step.bytes;
      if (step.then != Then::Continue) co_return co_await end(step.then);
      if (gathered_.size() >= kAtOnce && !co_await flush(Last::No)) co_return;
    }
  }

 private:
  // Counted from when the one before was due: what is late does not make the rest late, too.
  Task<void> wait(Duration duration) {
    due_ += duration;
    if (due_ > loop_.now()) co_await loop_.sleep_until(due_);
  }

  Task<bool> flush(Last last) {
    const bool reached = co_await outlet_.send(gathered_, last);
    gathered_.clear();
    if (std::exchange(head_is_due_, false)) due_ = loop_.now();  // It may have dripped.
    co_return reached;
  }

  Task<void> end(Then how) {
    const bool reached = co_await flush(how == Then::Finish ? Last::Yes : Last::No);
    if (!reached) co_return;
    if (how == Then::Reset) reset(exchange_);
    if (how == Then::Stall) co_await loop_.sleep_until(kNever);
  }

  net::HttpExchange& exchange_;
  net::Loop& loop_;
  providers::simulator::Script script_;
  Outlet outlet_;
  std::string gathered_;
  Instant due_ = loop_.now();
  bool head_is_due_ = true;
};

}  // namespace

Task<void> play(net::HttpExchange& exchange, providers::simulator::Reply reply) {
  Playback playback(exchange, std::move(reply));
  co_await playback.run();
}

}  // namespace sluice::cli
