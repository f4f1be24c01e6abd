// How many requests a target may answer at once. Those that come meanwhile wait in a short queue in
// which the callers' keys take turns: one that asks much does not hold up the others.
#pragma once

#include "sluice/error.h"
#include "sluice/task.h"

#include "net/loop.h"

#include <algorithm>
#include <atomic>
#include <compare>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

namespace sluice::routing {

class Bulkhead {
 public:
  // One place, until it is given back. The bulkhead must live longer.
  class Slot {
   public:
    Slot() = default;
    Slot(Slot&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(of_, other.of_);
      return *this;
    }
    ~Slot() {
      if (of_) of_->leave();
    }
    explicit operator bool() const { return of_ != nullptr; }

   private:
    friend class Bulkhead;
    explicit Slot(Bulkhead& of) : of_(&of) {}
    Bulkhead* of_ = nullptr;
  };

  explicit Bulkhead(std::optional<std::uint64_t> concurrent = std::nullopt) { apply(concurrent); }
  Bulkhead(const Bulkhead&) = delete;
  Bulkhead& operator=(const Bulkhead&) = delete;

  // Those who wait go in as far as there is room now; nobody is thrown out.
  void apply(std::optional<std::uint64_t> concurrent);

  bool is_limited() const { return limit() != kUnlimited; }
  // One could go in now, without waiting.
  bool has_room() const {
    if (!is_limited()) return true;
    const Crowd now = crowd();
    return admits(now.inside) && now.waiting == 0;
  }
  // One could go in or wait its turn.
  bool has_place() const { return has_room() || waiting() < queue_limit(); }

  // Null when it is full. Without a limit the slot is empty and costs nothing.
  std::optional<Slot> try_enter();
  // Waits for its turn until `patience`, on the caller's own loop; fails with "overloaded" then, or
  // at once when the queue is full. Another target may be asked after both. `key` is whoever takes
  // turns with others.
  Task<Result<Slot>> enter(net::Loop& loop, std::string_view key, Instant patience);

  std::uint32_t limit() const { return limit_.load(std::memory_order_relaxed); }
  std::uint32_t inside() const { return crowd().inside; }
  std::uint32_t waiting() const { return crowd().waiting; }

  static constexpr std::uint32_t kUnlimited = 0;

 private:
  class Waiter;
  static constexpr std::uint32_t kShortestQueue = 16;

  struct Crowd {
    std::uint32_t inside;
    std::uint32_t waiting;
  };
  static Crowd unpacked(std::uint64_t word);
  static std::uint64_t packed(Crowd crowd);
  Crowd crowd() const { return unpacked(crowd_.load(std::memory_order_relaxed)); }
  std::uint32_t queue_limit() const { return std::max(limit(), kShortestQueue); }

  bool admits(std::uint32_t inside) const { return limit() == kUnlimited || inside < limit(); }
  void leave();
  bool line_up(Waiter& waiter);   // False: the queue is full.
  bool step_out(Waiter& waiter);  // False: it is not in the queue any more.

  // With the mutex held.
  void change(int inside, int waiting);
  void hand_on();

  std::atomic<std::uint32_t> limit_ = kUnlimited;
  // Both numbers in one: whoever leaves sees at once whether somebody waits. Only the holder of the
  // mutex changes how many wait.
  alignas(64) std::atomic<std::uint64_t> crowd_ = 0;

  // Each key has one turn in a round.
  struct Turn {
    std::uint64_t round = 0;
    std::uint64_t arrival = 0;
    auto operator<=>(const Turn&) const = default;
  };

  alignas(64) std::mutex mutex_;
  std::map<Turn, Waiter*> queue_;
  Turn last_;  // The round that is being served, and how many have lined up.
};

}  // namespace sluice::routing
