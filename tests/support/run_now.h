// Runs a task that waits for nothing.
#pragma once

#include "sluice/task.h"

#include <coroutine>
#include <stdexcept>
#include <utility>

namespace sluice {

template <class T>
T run_now(Task<T> task) {
  task.enter(std::noop_coroutine()).resume();
  if (!task.done()) throw std::logic_error("the task waits for something");
  return task.take();
}

}  // namespace sluice
