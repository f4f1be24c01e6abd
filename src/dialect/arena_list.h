// A list that grows within an arena and ends as a span.
#pragma once

#include "sluice/arena.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>

namespace sluice::dialect {

template <class T>
class ArenaList {
 public:
  explicit ArenaList(Arena& arena) : arena_(&arena) {}

  T& add(const T& value) {
    if (size_ == room_.size()) grow();
    return *std::construct_at(&room_[size_++], value);
  }
  void pop() { --size_; }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  T& last() { return room_[size_ - 1]; }
  std::span<T> all() const { return room_.first(size_); }

 private:
  void grow() {
    const std::span<T> larger = arena_->array<T>(2 * size_ + 4);
    std::uninitialized_copy(room_.begin(), room_.begin() + static_cast<std::ptrdiff_t>(size_),
                            larger.begin());
    room_ = larger;
  }

  std::span<T> room_;
  std::size_t size_ = 0;
  Arena* arena_;
};

}  // namespace sluice::dialect
