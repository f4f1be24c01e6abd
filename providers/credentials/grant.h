// What is granted for a time: a token, or keys that expire. It is renewed before it does, by one
// request at a time, which belongs to none of those who wait for it.
#pragma once

#include "sluice/context.h"

#include "net/loop.h"

#include <memory>
#include <mutex>
#include <string>

namespace sluice::providers {

struct Grant {
  std::string secret;           // The token, or the secret key.
  std::string access_key = {};  // Of keys only.
  std::string session = {};     // The token that goes with them.
  Instant obtained = {};
  Instant expires = kNever;
};

class GrantSource {
 public:
  virtual ~GrantSource() = default;
  virtual Task<Result<Grant>> obtain(Instant deadline) = 0;
};

// The newest grant of all threads; survives the reload of a configuration that changes nothing
// about its credential. From any thread.
class GrantShelf {
 public:
  std::shared_ptr<const Grant> take() const;
  void put(std::shared_ptr<const Grant> grant);
  void drop(const Grant& grant);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Grant> grant_;
};

// A thread's own.
class Grants {
 public:
  Grants(net::Loop& loop, const Clock& clock, std::unique_ptr<GrantSource> source,
         std::shared_ptr<GrantShelf> shelf);
  ~Grants();
  Grants(const Grants&) = delete;
  Grants& operator=(const Grants&) = delete;

  // At once where one is held that has not expired; else waits for a new one, until the deadline.
  Task<Result<std::shared_ptr<const Grant>>> get(Instant deadline);

  // The provider does not accept it: the next get() asks for a new one. A grant that is just new is
  // kept: another one would be no better.
  void refused();

 private:
  struct State;
  class Waiter;
  static Task<void> renew(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
};

// Seconds from now, or from what a server's clock says.
Instant expiry_after(const Clock& clock, std::chrono::seconds lifetime);
Instant expiry_at(const Clock& clock, std::chrono::system_clock::time_point when);

}  // namespace sluice::providers
