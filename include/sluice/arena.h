// Arena: the memory of one request. What is kept in it lives until the arena is reset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace sluice {

// Destroys what lives in an arena; the memory goes with the arena.
struct ArenaDelete {
  template <class T>
  void operator()(T* object) const noexcept {
    std::destroy_at(object);
  }
};
template <class T>
using ArenaPtr = std::unique_ptr<T, ArenaDelete>;

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() { release(); }

  void* allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
    auto at = (next_ + alignment - 1) & ~(alignment - 1);
    if (at + size > end_) [[unlikely]]
      return allocate_slowly(size, alignment);
    next_ = at + size;
    return reinterpret_cast<void*>(at);
  }

  template <class T, class... Args>
  ArenaPtr<T> make(Args&&... args) {
    return ArenaPtr<T>(new (allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...));
  }

  // Room for `count` values that are about to be written.
  template <class T>
    requires std::is_trivially_destructible_v<T>
  std::span<T> array(std::size_t count) {
    return {static_cast<T*>(allocate(count * sizeof(T), alignof(T))), count};
  }

  template <class T>
  std::span<T> array_of(const T& only) {
    return {new (allocate(sizeof(T), alignof(T))) T(only), 1};
  }

  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    auto* copy = static_cast<char*>(allocate(text.size(), 1));
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }

  std::string_view number(std::uint64_t value) {
    char* const end = static_cast<char*>(allocate(20, 1)) + 20;
    char* at = end;
    do {
      *--at = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    return {at, static_cast<std::size_t>(end - at)};
  }

  // One text of several pieces.
  template <class... Pieces>
  std::string_view join(const Pieces&... pieces) {
    const std::size_t size = (std::string_view(pieces).size() + ... + 0);
    auto* start = static_cast<char*>(allocate(size, 1));
    auto* at = start;
    auto append = [&at](std::string_view piece) {
      if (piece.empty()) return;
      std::memcpy(at, piece.data(), piece.size());
      at += piece.size();
    };
    (append(pieces), ...);
    return {start, size};
  }

  // Forgets everything; the first block is kept for the next request.
  void reset() noexcept;
  // Gives every block back. What was kept is gone.
  void release() noexcept;

 private:
  struct Block {
    Block* previous;
    std::size_t size;
  };
  void* allocate_slowly(std::size_t size, std::size_t alignment);

  std::uintptr_t next_ = 0;
  std::uintptr_t end_ = 0;
  Block* blocks_ = nullptr;  // Newest first.
};

}  // namespace sluice
