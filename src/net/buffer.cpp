#include "net/buffer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

namespace sluice::net {
namespace {

// Blocks of 16 KiB, 32 KiB, … 4 MiB; beyond that the heap alone. Large fresh blocks cost a page
// fault every 4 KiB, more than the copy of what goes into them, so a few of them are kept too.
constexpr std::size_t kClasses = 9;
constexpr std::size_t kKeptBytes = 4 * 1024 * 1024;  // Per thread and class.

struct Free {
  Free* next;
};

class Pool {
 public:
  ~Pool() {
    for (auto& head : heads_) {
      while (Free* block = head) {
        head = block->next;
        std::free(block);
      }
    }
    kept_.fill(kKeptBytes);
  }

  char* take(std::size_t index, std::size_t size) {
    if (index < kClasses && heads_[index]) {
      Free* block = heads_[index];
      heads_[index] = block->next;
      kept_[index] -= size;
      return reinterpret_cast<char*>(block);
    }
    auto* memory = static_cast<char*>(std::malloc(size));
    if (!memory) throw std::bad_alloc();
    return memory;
  }

  void give(char* memory, std::size_t index, std::size_t size) noexcept {
    if (index < kClasses && kept_[index] + size <= kKeptBytes) {
      auto* block = reinterpret_cast<Free*>(memory);
      block->next = heads_[index];
      heads_[index] = block;
      kept_[index] += size;
      return;
    }
    std::free(memory);
  }

 private:
  std::array<Free*, kClasses> heads_{};
  std::array<std::size_t, kClasses> kept_{};
};

thread_local Pool pool;

std::size_t class_of(std::size_t capacity) {
  return static_cast<std::size_t>(std::countr_zero(capacity / Buffer::kBlock));
}

}  // namespace

void Buffer::hold(std::size_t wanted) {
  if (capacity_ >= wanted && data_) return compact();
  const std::size_t capacity = std::bit_ceil(std::max(wanted, kBlock));
  char* fresh = pool.take(class_of(capacity), capacity);
  const std::size_t size = end_ - begin_;
  if (size > 0) std::memcpy(fresh, data_ + begin_, size);
  release();
  data_ = fresh;
  capacity_ = capacity;
  end_ = size;
}

void Buffer::compact() {
  if (begin_ == 0) return;
  std::memmove(data_, data_ + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
}

void Buffer::append(std::string_view bytes) {
  if (bytes.empty()) return;
  if (space().size() < bytes.size()) hold(end_ - begin_ + bytes.size());
  std::memcpy(data_ + end_, bytes.data(), bytes.size());
  end_ += bytes.size();
}

void Buffer::release() noexcept {
  if (data_) pool.give(data_, class_of(capacity_), capacity_);
  data_ = nullptr;
  capacity_ = begin_ = end_ = 0;
}

}  // namespace sluice::net
