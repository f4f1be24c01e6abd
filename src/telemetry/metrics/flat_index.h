// A map from labels to their series, for the one thread that writes them: open addressing, never
// shrinks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice::metrics {

template <class Value>
class FlatIndex {
 public:
  Value* find(std::uint64_t key) const noexcept { return slots_[slot_of(key)].value; }
  std::size_t size() const { return size_; }

  void insert(std::uint64_t key, Value* value) {
    if (++size_ * 2 > slots_.size()) grow();
    slots_[slot_of(key)] = {key, value};
  }

 private:
  struct Slot {
    std::uint64_t key = 0;
    Value* value = nullptr;
  };

  // The key's slot, or the free one where it belongs.
  std::size_t slot_of(std::uint64_t key) const noexcept {
    auto at = (key * 0x9e3779b97f4a7c15U) >> shift_;
    while (slots_[at].value && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
    return at;
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    --shift_;
    for (const auto& slot : old) {
      if (slot.value) slots_[slot_of(slot.key)] = slot;
    }
  }

  int shift_ = 64 - 5;
  std::vector<Slot> slots_ = std::vector<Slot>(std::size_t{1} << 5);
  std::size_t size_ = 0;
};

}  // namespace sluice::metrics
