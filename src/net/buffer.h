// Memory for bytes on their way: blocks of the thread's own pool, held only while there is
// something in them. Nothing is zeroed.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

namespace sluice::net {

class Buffer {
 public:
  static constexpr std::size_t kBlock = 16 * 1024;

  Buffer() = default;
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Buffer() { release(); }

  bool held() const { return data_ != nullptr; }
  std::size_t capacity() const { return capacity_; }
  std::string_view filled() const { return {data_ + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  std::span<char> space() { return {data_ + end_, capacity_ - end_}; }

  void added(std::size_t bytes) { end_ += bytes; }
  void consume(std::size_t bytes) { begin_ += bytes; }
  char* data() { return data_ + begin_; }
  void cut_to(std::size_t size) { end_ = begin_ + size; }  // Forgets what is behind.

  // At least `capacity` bytes in all; what is filled moves to the front.
  void hold(std::size_t capacity = kBlock);
  // Moves what is filled to the front, so that all free space is behind it.
  void compact();
  void append(std::string_view bytes);  // Grows as needed.
  void release() noexcept;              // Back to the pool, with whatever is in it.
  void release_if_empty() noexcept {
    if (empty()) release();
  }

 private:
  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
  }

  char* data_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace sluice::net
