#include "net/connection_budget.h"

#include <algorithm>

namespace sluice::net {

ConnectionBudget::Slot ConnectionBudget::take() {
  std::size_t open = open_.load();
  while (open < max_) {
    if (open_.compare_exchange_weak(open, open + 1)) return Slot(shared_from_this());
  }
  return {};
}

// Whoever starts to wait counts itself first and then tries once more; whoever releases does it the
// other way round. So one of them sees the other.
void ConnectionBudget::release() {
  open_.fetch_sub(1);
  if (waiting_.load() == 0) return;
  std::lock_guard lock(mutex_);
  for (const std::shared_ptr<Seat>& seat : seats_) {
    if (seat->waiting == 0) continue;
    seat->loop.post([seat] {
      if (seat->member) seat->member->slot_is_free();
    });
  }
}

void ConnectionBudget::join(Loop& loop, Member& member) {
  std::lock_guard lock(mutex_);
  seats_.push_back(std::make_shared<Seat>(loop, &member));
}

// Posts happen under the lock and to seats that are listed: a pool leaves before its loop dies.
void ConnectionBudget::leave(Member& member) {
  std::lock_guard lock(mutex_);
  seat_of(member).member = nullptr;
  std::erase_if(seats_, [](const auto& seat) { return seat->member == nullptr; });
}

void ConnectionBudget::start_waiting(Member& member) {
  waiting_.fetch_add(1);
  std::lock_guard lock(mutex_);
  ++seat_of(member).waiting;
  for (const std::shared_ptr<Seat>& seat : seats_) {
    if (seat->member == &member) continue;
    seat->loop.post([seat] {
      if (seat->member) seat->member->spare_is_wanted();
    });
  }
}

void ConnectionBudget::stop_waiting(Member& member) {
  waiting_.fetch_sub(1);
  std::lock_guard lock(mutex_);
  --seat_of(member).waiting;
}

ConnectionBudget::Seat& ConnectionBudget::seat_of(Member& member) {
  return **std::ranges::find_if(seats_, [&](const auto& seat) { return seat->member == &member; });
}

}  // namespace sluice::net
