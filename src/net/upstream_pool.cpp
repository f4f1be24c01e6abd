#include "net/upstream_pool.h"

#include <utility>
#include <variant>

namespace sluice::net {
namespace {

// One thread writes, others read.
void add(std::atomic<std::size_t>& count, int change) {
  count.store(count.load(std::memory_order_relaxed) + static_cast<std::size_t>(change),
              std::memory_order_relaxed);
}

}  // namespace

// Lives from connect to close, in the list of the idle or of the busy ones. Its pool may die first.
struct upstream_pool_detail::Connection : ListNode {
  // Runs when the peer hangs up on an idle connection.
  struct PeerWatch final : Ready {
    Connection& connection;
    explicit PeerWatch(Connection& watched) : connection(watched) {}
    void run() override { connection.pool->drop_idle(connection); }
  };

  Connection(UpstreamPool& owner, std::unique_ptr<Transport> opened, ConnectionBudget::Slot taken,
             Duration took)
      : pool(&owner), slot(std::move(taken)), transport(std::move(opened)), connect_time(took) {}

  // Members end in the reverse order: the socket is closed before its slot is free again.
  UpstreamPool* pool;
  ConnectionBudget::Slot slot;
  std::unique_ptr<Transport> transport;
  Duration connect_time;
  Instant idle_until;
  bool reused = false;
  PeerWatch watch{*this};
};

void upstream_pool_detail::Dispose::operator()(Connection* connection) const noexcept {
  if (connection->pool) connection->pool->left(*connection);
  delete connection;
}

namespace {

using upstream_pool_detail::Connection;

// Whether nothing at all has come: bytes nobody asked for must not be taken for the next answer.
// Costs no system call unless something did come. A TLS transport lets go of its buffers here.
bool is_quiet(Connection& connection) {
  const Descriptor& descriptor = connection.transport->descriptor();
  if (descriptor.peer_finished() || descriptor.peer_reset()) return false;
  char unexpected;
  return connection.transport->read({&unexpected, 1}).status == IoResult::Status::WantRead;
}

}  // namespace

Transport& Lease::transport() const {
  return *connection_->transport;
}

bool Lease::reused() const {
  return connection_->reused;
}

Duration Lease::connect_time() const {
  return connection_->reused ? Duration::zero() : connection_->connect_time;
}

void Lease::give_back() {
  if (!connection_) return;
  if (UpstreamPool* const pool = connection_->pool) pool->take_back(std::move(connection_));
  connection_.reset();
}

// Waits for a connection that comes back, or for the right to open one.
class UpstreamPool::Waiter final : public net::ListNode {
 public:
  using Outcome = std::variant<std::monostate, ConnectionPtr, ConnectionBudget::Slot>;

  Waiter(UpstreamPool& pool, Instant deadline) : pool_(pool), alarm_(*this) {
    pool_.waiters_.push_back(*this);
    add(pool_.waiting_count_, 1);
    pool_.budget_->start_waiting(pool_);
    pool_.loop_.timers().arm(alarm_, deadline);
  }
  ~Waiter() {
    settle();
    // Cut short while a connection was on its way here: it is as good as it was.
    if (auto* connection = std::get_if<ConnectionPtr>(&outcome_); connection && *connection) {
      pool_.take_back(std::move(*connection));
    }
  }

  void grant(Outcome outcome) {
    settle();
    outcome_ = std::move(outcome);
    pool_.loop_.queue(wake_);
  }

  bool await_ready() const noexcept { return settled_; }
  void await_suspend(std::coroutine_handle<> caller) { wake_.caller = caller; }
  Outcome await_resume() {
    wake_.cancel();
    return std::exchange(outcome_, std::monostate());
  }

 private:
  struct Alarm final : Timer {
    Waiter& waiter;
    explicit Alarm(Waiter& owner) : waiter(owner) {}
    void on_time() override { waiter.grant({}); }
  };
  struct Wake final : Ready {
    std::coroutine_handle<> caller;
    void run() override { caller.resume(); }
  };

  void settle() {
    if (settled_) return;
    settled_ = true;
    unlink();
    alarm_.disarm();
    add(pool_.waiting_count_, -1);
    pool_.budget_->stop_waiting(pool_);
  }

  UpstreamPool& pool_;
  Alarm alarm_;
  Wake wake_;
  Outcome outcome_;
  bool settled_ = false;
};

UpstreamPool::UpstreamPool(Loop& loop, Resolver& resolver, Origin origin, Duration idle,
                           std::shared_ptr<ConnectionBudget> budget)
    : loop_(loop),
      resolver_(resolver),
      origin_(std::move(origin)),
      idle_(idle),
      budget_(std::move(budget)) {
  budget_->join(loop_, *this);
}

UpstreamPool::~UpstreamPool() {
  close_idle();
  while (Connection* lent = busy_list_.pop_front()) lent->pool = nullptr;
  budget_->leave(*this);
}

Lease UpstreamPool::take_idle() {
  while (!idle_list_.empty()) {
    ConnectionPtr connection = take_out(idle_list_.back());
    // After the last turn of the loop the peer may have said something: that is seen here.
    if (!is_quiet(*connection)) continue;
    connection->reused = true;
    return Lease(std::move(connection));
  }
  return {};
}

Task<Result<Lease>> UpstreamPool::acquire(Instant deadline, Freshness freshness) {
  if (freshness == Freshness::Any) {
    if (Lease idle = take_idle()) co_return idle;
  }
  ConnectionBudget::Slot slot;
  if (waiters_.empty()) slot = budget_->take();
  if (!slot && freshness == Freshness::New && !idle_list_.empty()) {
    take_out(idle_list_.front()).reset();
    slot = budget_->take();
  }
  if (!slot) {
    Waiter waiter(*this, deadline);
    slot_is_free();  // It may have become free before we were counted as waiting.
    Waiter::Outcome outcome = co_await waiter;
    if (auto* connection = std::get_if<ConnectionPtr>(&outcome)) {
      (*connection)->reused = true;
      co_return Lease(std::move(*connection));
    }
    if (outcome.index() == 0) {
      co_return fail(
          ApiError{.kind = ErrorKind::DeadlineExceeded,
                   .code = "upstream_timeout",
                   .message = "connect: every connection to " + origin_.host + " is in use",
                   .retry = Retry::OtherTarget});
    }
    slot = std::get<ConnectionBudget::Slot>(std::move(outcome));
  }

  const Instant started = loop_.now();
  CO_TRY(auto transport, co_await connect(loop_, resolver_, origin_, deadline));
  ConnectionPtr connection(
      new Connection(*this, std::move(transport), std::move(slot), loop_.now() - started));
  busy_list_.push_back(*connection);
  add(busy_count_, 1);
  co_return Lease(std::move(connection));
}

void UpstreamPool::close_idle() {
  while (!idle_list_.empty()) drop_idle(idle_list_.front());
}

void UpstreamPool::take_back(ConnectionPtr connection) {
  if (!is_quiet(*connection)) return;
  if (!waiters_.empty()) {
    waiters_.front().grant(std::move(connection));
    return;
  }
  if (budget_->somebody_waits()) return;  // On another thread, where its slot helps.

  Connection& idle = *connection.release();
  idle.idle_until = loop_.now() + idle_;
  idle.transport->descriptor().watch_peer(&idle.watch);
  idle_list_.push_back(idle);
  add(busy_count_, -1);
  add(idle_count_, 1);
  if (!armed()) loop_.timers().arm(*this, idle.idle_until);
}

// From the idle ones to the busy ones.
UpstreamPool::ConnectionPtr UpstreamPool::take_out(Connection& connection) {
  connection.transport->descriptor().watch_peer(nullptr);
  connection.watch.cancel();
  busy_list_.push_back(connection);
  add(idle_count_, -1);
  add(busy_count_, 1);
  return ConnectionPtr(&connection);
}

void UpstreamPool::drop_idle(Connection& connection) {
  take_out(connection).reset();
}

void UpstreamPool::left(Connection& connection) {
  connection.unlink();
  add(busy_count_, -1);
}

void UpstreamPool::on_time() {
  while (!idle_list_.empty()) {
    Connection& oldest = idle_list_.front();
    if (oldest.idle_until > loop_.now()) {
      loop_.timers().arm(*this, oldest.idle_until);
      return;
    }
    drop_idle(oldest);
  }
}

void UpstreamPool::slot_is_free() {
  while (!waiters_.empty()) {
    ConnectionBudget::Slot slot = budget_->take();
    if (!slot) return;
    waiters_.front().grant(std::move(slot));
  }
}

void UpstreamPool::spare_is_wanted() {
  if (!idle_list_.empty() && budget_->somebody_waits()) drop_idle(idle_list_.front());
}

}  // namespace sluice::net
