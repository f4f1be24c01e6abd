// Where coroutine frames live: per-thread free lists by size class.
#include "sluice/task.h"

#include <array>
#include <cstdlib>
#include <new>

namespace sluice::task_detail {
namespace {

[[maybe_unused]] constexpr std::size_t kGrain = 64;
constexpr std::size_t kClasses = 64;  // Frames up to 4 KiB are pooled.
constexpr std::size_t kKept = 256;    // Per class: a peak of streams gives its memory back.

// Sanitizers must see every frame come and go.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLUICE_PLAIN_FRAMES
#endif
#endif

struct FreeFrame {
  FreeFrame* next;
};

struct FreeList {
  FreeFrame* head = nullptr;
  std::size_t length = 0;
};

struct Pool {
  std::array<FreeList, kClasses> lists;

  ~Pool() {
    for (auto& list : lists) {
      while (auto* frame = list.head) {
        list.head = frame->next;
        std::free(frame);
      }
      list.length = kKept;  // Frames that die after the pool go straight back to the heap.
    }
  }
};

thread_local Pool pool;

void* heap_allocate(std::size_t size) {
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* allocate_frame(std::size_t size) {
#ifndef SLUICE_PLAIN_FRAMES
  const std::size_t index = (size - 1) / kGrain;
  if (index < kClasses) {
    FreeList& list = pool.lists[index];
    if (FreeFrame* frame = list.head) {
      list.head = frame->next;
      --list.length;
      return frame;
    }
    return heap_allocate((index + 1) * kGrain);
  }
#endif
  return heap_allocate(size);
}

void free_frame(void* memory, std::size_t size) noexcept {
#ifndef SLUICE_PLAIN_FRAMES
  const std::size_t index = (size - 1) / kGrain;
  if (index < kClasses) {
    FreeList& list = pool.lists[index];
    if (list.length < kKept) {
      auto* frame = static_cast<FreeFrame*>(memory);
      frame->next = list.head;
      list.head = frame;
      ++list.length;
      return;
    }
  }
#else
  (void)size;
#endif
  std::free(memory);
}

}  // namespace sluice::task_detail
