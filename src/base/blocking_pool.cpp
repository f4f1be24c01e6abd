#include "base/blocking_pool.h"

#include <exception>
#include <system_error>

namespace sluice {

BlockingPool::BlockingPool() : BlockingPool(Options()) {}

BlockingPool::BlockingPool(Options options) : options_(options) {}

BlockingPool::~BlockingPool() {
  std::deque<Work> dropped;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool BlockingPool::submit(Work work) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= options_.queue) return false;
    // Counted against what is queued: an idle thread that was woken may not have come yet.
    if (idle_ <= queue_.size() && threads_.size() < options_.threads) {
      try {
        threads_.emplace_back(&BlockingPool::serve, this);
      } catch (const std::system_error&) {
        if (threads_.empty()) return false;
      }
    }
    queue_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void BlockingPool::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (stopping_) return;
    Work work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    try {
      work();
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): as submit() says.
    }
    work = nullptr;  // What it held goes before the lock is taken again.
    lock.lock();
  }
}

}  // namespace sluice
