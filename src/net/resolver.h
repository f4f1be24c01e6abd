// Names to addresses. Look-ups run on threads of their own, one per name at a time; what was found
// is kept, and served past its time while a new look-up runs or fails: a resolver that is down or
// slow does not stop traffic to a name that was known.
#pragma once

#include "sluice/error.h"

#include "base/blocking_pool.h"
#include "net/address.h"
#include "net/loop.h"

#include <functional>
#include <memory>
#include <vector>

namespace sluice::net {

class Resolver {
 public:
  // Runs on the pool's threads. Ports do not matter.
  using Lookup = std::function<Result<std::vector<SocketAddress>>(const std::string& host)>;

  struct Options {
    Duration fresh = std::chrono::seconds(60);
    Duration failed = std::chrono::seconds(5);  // How long a failure is believed.
    Duration stale = std::chrono::hours(1);     // How long after that an address is still served.
  };

  // The pool may end before or after the resolver; loops end after their tasks, as always.
  explicit Resolver(BlockingPool& pool);
  Resolver(BlockingPool& pool, Options options, Lookup lookup);
  ~Resolver();

  // From any loop's thread. What is known, numeric or "localhost" is answered without suspending.
  Task<Result<std::vector<SocketAddress>>> resolve(Loop& loop, const std::string& host,
                                                   std::uint16_t port, Instant deadline);

 private:
  struct State;
  class Waiter;

  BlockingPool& pool_;
  std::shared_ptr<State> state_;
};

}  // namespace sluice::net
