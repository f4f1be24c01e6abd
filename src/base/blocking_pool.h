// Threads for work that blocks: name look-ups, files, databases. They start when there is work for
// them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sluice {

class BlockingPool {
 public:
  using Work = std::move_only_function<void()>;
  struct Options {
    std::size_t threads = 4;
    std::size_t queue = 1024;
  };

  BlockingPool();
  explicit BlockingPool(Options options);
  // Drops what has not begun and waits for what has.
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // From any thread. False: the queue is full (or no thread could be had) and nothing will run.
  // Work hands its result over itself, by Loop::post; an exception that leaves it is dropped.
  bool submit(Work work);

 private:
  void serve();

  const Options options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> queue_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace sluice
