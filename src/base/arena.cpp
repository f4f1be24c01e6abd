#include "sluice/arena.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace sluice {
namespace {

// The first block is all that a stream holds while it idles; most requests need no other.
constexpr std::size_t kFirstBlock = 1536;
constexpr std::size_t kNextBlock = 8 * 1024;

// Blocks of these two sizes are kept by each thread, for requests come and go.
class Kept {
 public:
  ~Kept() {
    for (auto& list : lists_) {
      while (void* block = list.head) {
        list.head = *static_cast<void**>(block);
        std::free(block);
      }
      list.most = 0;
    }
  }

  void* take(std::size_t size) {
    List* list = list_of(size);
    if (!list || !list->head) return nullptr;
    void* block = list->head;
    list->head = *static_cast<void**>(block);
    --list->count;
    return block;
  }

  bool give(void* block, std::size_t size) {
    List* list = list_of(size);
    if (!list || list->count >= list->most) return false;
    *static_cast<void**>(block) = list->head;
    list->head = block;
    ++list->count;
    return true;
  }

 private:
  struct List {
    std::size_t most;
    std::size_t count = 0;
    void* head = nullptr;
  };

  List* list_of(std::size_t size) {
    if (size == kFirstBlock) return &lists_[0];
    return size == kNextBlock ? &lists_[1] : nullptr;
  }

  std::array<List, 2> lists_{List{.most = 512}, List{.most = 128}};
};

thread_local Kept kept;

}  // namespace

void* Arena::allocate_slowly(std::size_t size, std::size_t alignment) {
  const std::size_t wanted = sizeof(Block) + size + alignment;
  const std::size_t bytes = std::max(wanted, blocks_ ? kNextBlock : kFirstBlock);
  auto* block = static_cast<Block*>(kept.take(bytes));
  if (!block) block = static_cast<Block*>(std::malloc(bytes));
  if (!block) throw std::bad_alloc();
  *block = Block{blocks_, bytes};
  blocks_ = block;
  next_ = reinterpret_cast<std::uintptr_t>(block + 1);
  end_ = reinterpret_cast<std::uintptr_t>(block) + bytes;
  const auto at = (next_ + alignment - 1) & ~(alignment - 1);
  next_ = at + size;
  return reinterpret_cast<void*>(at);
}

void Arena::reset() noexcept {
  if (!blocks_) return;
  while (blocks_->previous) {
    Block* block = blocks_;
    blocks_ = block->previous;
    if (!kept.give(block, block->size)) std::free(block);
  }
  next_ = reinterpret_cast<std::uintptr_t>(blocks_ + 1);
  end_ = reinterpret_cast<std::uintptr_t>(blocks_) + blocks_->size;
}

void Arena::release() noexcept {
  while (Block* block = blocks_) {
    blocks_ = block->previous;
    if (!kept.give(block, block->size)) std::free(block);
  }
  next_ = end_ = 0;
}

}  // namespace sluice
