// Counting is done for every request: it must not touch the heap.
#include "telemetry/metrics/registry.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

// ThreadSanitizer brings its own new and delete, beside which ours cannot stand.
#if !__has_feature(thread_sanitizer)

namespace {

std::atomic<std::size_t> allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const auto align = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(align, (size + align - 1) / align * align)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
// The analyzer sees gtest's messages freed twice where new and delete are ours.
// NOLINTBEGIN(clang-analyzer-cplusplus.NewDelete)
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
// NOLINTEND(clang-analyzer-cplusplus.NewDelete)

namespace sluice::metrics {
namespace {

TEST(ThreadMetrics, DoesNotAllocateForASeriesThatExists) {
  MetricsRegistry registry;
  auto& thread = registry.add_thread();
  auto& names = registry.names();
  const RequestRecord record{.model = names.id(NameKind::Model, "gpt-4o"),
                             .status = 200,
                             .streaming = true,
                             .duration_ns = 1'000'000,
                             .overhead_ns = 1'000,
                             .first_token_ns = 10'000,
                             .tokens = {10, 10, 0, 0, 0}};
  const auto count = [&] {
    const auto before = allocations.load();
    thread.record_request(record);
    thread.cell(Family::StreamsOpen).add();
    names.id(NameKind::Model, "gpt-4o");
    return allocations.load() - before;
  };

  EXPECT_GT(count(), 0U);
  EXPECT_EQ(count(), 0U);
}

}  // namespace
}  // namespace sluice::metrics

#endif
