#include "sluice/arena.h"

#include <algorithm>
#include <cstdlib>

namespace sluice {
namespace {

// With the block's own header this stays inside a 2 KiB bin: a stream that idles holds one such
// block.
constexpr std::size_t kFirstBlock = 2048 - 32;
constexpr std::size_t kNextBlock = 8 * 1024;

}  // namespace

void* Arena::allocate_slowly(std::size_t size, std::size_t alignment) {
  const std::size_t wanted = sizeof(Block) + size + alignment;
  const std::size_t bytes = std::max(wanted, blocks_ ? kNextBlock : kFirstBlock);
  auto* block = static_cast<Block*>(std::malloc(bytes));
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
    std::free(block);
  }
  next_ = reinterpret_cast<std::uintptr_t>(blocks_ + 1);
  end_ = reinterpret_cast<std::uintptr_t>(blocks_) + blocks_->size;
}

void Arena::release() noexcept {
  while (Block* block = blocks_) {
    blocks_ = block->previous;
    std::free(block);
  }
  next_ = end_ = 0;
}

}  // namespace sluice
