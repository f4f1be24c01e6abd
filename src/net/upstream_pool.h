// The connections of one thread to one origin. What came back clean is lent again, newest first.
#pragma once

#include "net/connection_budget.h"
#include "net/connector.h"

#include <atomic>
#include <memory>

namespace sluice::net {

class UpstreamPool;

namespace upstream_pool_detail {
struct Connection;
struct Dispose {
  void operator()(Connection* connection) const noexcept;
};
using ConnectionPtr = std::unique_ptr<Connection, Dispose>;
}  // namespace upstream_pool_detail

// A connection on loan; dropping it closes the connection. It may outlive its pool.
class Lease {
 public:
  Lease() = default;
  Lease(Lease&&) noexcept = default;
  Lease& operator=(Lease&&) noexcept = default;

  explicit operator bool() const { return connection_ != nullptr; }
  Transport& transport() const;
  bool reused() const;            // It has served before: it may die before it answers.
  Duration connect_time() const;  // What it took to open; zero when reused.

  // The exchange ended cleanly: nothing is left to read or write. The lease is empty afterwards.
  void give_back();

 private:
  friend class UpstreamPool;
  explicit Lease(upstream_pool_detail::ConnectionPtr connection)
      : connection_(std::move(connection)) {}

  upstream_pool_detail::ConnectionPtr connection_;
};

// New is for the second try, after a reused connection died.
enum class Freshness : std::uint8_t { Any, New };

class UpstreamPool final : private ConnectionBudget::Member, private Timer {
 public:
  // `budget` is shared by all threads' pools of this origin.
  UpstreamPool(Loop& loop, Resolver& resolver, Origin origin, Duration idle,
               std::shared_ptr<ConnectionBudget> budget);
  ~UpstreamPool();  // Tasks of acquire() must have ended; leases need not.
  UpstreamPool(const UpstreamPool&) = delete;
  UpstreamPool& operator=(const UpstreamPool&) = delete;

  // A connection that is idle here, or an empty lease: no waiting, no allocation.
  Lease take_idle();
  // That, or a new one; when the budget is used up, waits its turn.
  Task<Result<Lease>> acquire(Instant deadline, Freshness freshness = Freshness::Any);

  void close_idle();

  const Origin& origin() const { return origin_; }
  // May be read from any thread.
  std::size_t idle() const { return idle_count_.load(std::memory_order_relaxed); }
  std::size_t busy() const { return busy_count_.load(std::memory_order_relaxed); }
  std::size_t waiting() const { return waiting_count_.load(std::memory_order_relaxed); }

 private:
  friend class Lease;
  friend struct upstream_pool_detail::Dispose;
  friend struct upstream_pool_detail::Connection;
  using Connection = upstream_pool_detail::Connection;
  using ConnectionPtr = upstream_pool_detail::ConnectionPtr;
  class Waiter;

  void take_back(ConnectionPtr connection);
  ConnectionPtr take_out(Connection& connection);
  void drop_idle(Connection& connection);
  void left(Connection& connection);
  void on_time() override;
  void slot_is_free() override;
  void spare_is_wanted() override;

  Loop& loop_;
  Resolver& resolver_;
  const Origin origin_;
  const Duration idle_;
  const std::shared_ptr<ConnectionBudget> budget_;
  IntrusiveList<Connection> idle_list_;  // Oldest first.
  IntrusiveList<Connection> busy_list_;
  IntrusiveList<Waiter> waiters_;
  std::atomic<std::size_t> idle_count_ = 0;
  std::atomic<std::size_t> busy_count_ = 0;
  std::atomic<std::size_t> waiting_count_ = 0;
};

}  // namespace sluice::net
