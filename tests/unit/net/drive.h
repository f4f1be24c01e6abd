// Runs tasks on a loop until they end.
#pragma once

#include "net/loop.h"

#include <chrono>
#include <optional>
#include <utility>

namespace sluice::net {

template <class T>
Task<void> store(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

inline void turn(Loop& loop) {
  loop.run_once(std::chrono::milliseconds(50));
}

template <class Condition>
void turn_until(Loop& loop, Condition condition) {
  while (!condition()) turn(loop);
}

template <class T>
T run(Loop& loop, Task<T> task) {
  std::optional<T> result;
  loop.spawn(store(std::move(task), result));
  turn_until(loop, [&] { return result.has_value(); });
  return *std::move(result);
}

inline Instant soon(const Loop& loop) {
  return loop.now() + std::chrono::seconds(20);
}

}  // namespace sluice::net
