// Numbers for names that are hashes: 0, 1, 2 … in the order in which they came.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sluice::routing {

class NumberedNames {
 public:
  std::size_t size() const { return names_.size(); }
  bool is(std::size_t number, std::uint64_t name) const {
    return number < names_.size() && names_[number] == name;
  }
  std::optional<std::size_t> find(std::uint64_t name) const {
    for (std::size_t slot = first_slot(name); slots_[slot] != kFree; slot = after(slot)) {
      if (const std::size_t number = slots_[slot]; names_[number] == name) return number;
    }
    return std::nullopt;
  }
  // The number of one that is not there yet.
  std::size_t add(std::uint64_t name) {
    names_.push_back(name);
    if (2 * names_.size() > slots_.size()) {
      make_room();
    } else {
      place(names_.size() - 1);
    }
    return names_.size() - 1;
  }

 private:
  static constexpr std::uint32_t kFree = UINT32_MAX;

  std::size_t after(std::size_t slot) const { return (slot + 1) & (slots_.size() - 1); }
  std::size_t first_slot(std::uint64_t name) const { return name & (slots_.size() - 1); }

  void place(std::size_t number) {
    std::size_t slot = first_slot(names_[number]);
    while (slots_[slot] != kFree) slot = after(slot);
    slots_[slot] = static_cast<std::uint32_t>(number);
  }
  void make_room() {
    slots_.assign(2 * slots_.size(), kFree);
    for (std::size_t number = 0; number < names_.size(); ++number) place(number);
  }

  std::vector<std::uint64_t> names_;
  // Numbers, each in the first slot from that of its name on that was free. A power of two of
  // slots, of which half are free at least: so a look takes a step or two.
  std::vector<std::uint32_t> slots_ = std::vector<std::uint32_t>(16, kFree);
};

}  // namespace sluice::routing
