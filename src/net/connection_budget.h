// How many connections to one origin the whole process may have. The threads' pools share it: when
// it is used up, they wait for each other's connections.
#pragma once

#include "net/loop.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace sluice::net {

class ConnectionBudget : public std::enable_shared_from_this<ConnectionBudget> {
 public:
  // One connection of the budget, from before it is opened until it is closed.
  class Slot {
   public:
    Slot() = default;
    explicit Slot(std::shared_ptr<ConnectionBudget> budget) : budget_(std::move(budget)) {}
    Slot(Slot&&) noexcept = default;
    Slot& operator=(Slot&& other) noexcept {
      std::swap(budget_, other.budget_);
      return *this;
    }
    ~Slot() {
      if (budget_) budget_->release();
    }
    explicit operator bool() const { return budget_ != nullptr; }

   private:
    std::shared_ptr<ConnectionBudget> budget_;
  };

  // A pool that takes part, called on its own loop's thread.
  class Member {
   public:
    virtual void slot_is_free() = 0;     // Whoever waits here may try again.
    virtual void spare_is_wanted() = 0;  // Someone waits elsewhere: give up an idle connection.

   protected:
    ~Member() = default;
  };

  explicit ConnectionBudget(std::size_t max) : max_(max) {}

  Slot take();  // Empty when all are in use.
  std::size_t open() const { return open_.load(std::memory_order_relaxed); }
  bool somebody_waits() const { return waiting_.load() > 0; }

  void join(Loop& loop, Member& member);
  void leave(Member& member);
  void start_waiting(Member& member);  // Asks the others for a spare one.
  void stop_waiting(Member& member);

 private:
  // Calls that are under way find out here that their member has left; touched on its thread only.
  struct Seat {
    Loop& loop;
    Member* member;
    std::size_t waiting = 0;
  };
  void release();
  Seat& seat_of(Member& member);

  const std::size_t max_;
  std::atomic<std::size_t> open_ = 0;
  std::atomic<std::size_t> waiting_ = 0;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Seat>> seats_;
};

}  // namespace sluice::net
