// What a name stands for: an entry of `models:`, or a provider's model.
#pragma once

#include "sluice/arena.h"

#include "config/config.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sluice::config {

// One of the two, or neither.
struct Meaning {
  std::optional<std::uint16_t> entry;  // In Config::models.
  std::size_t prefix = 0;              // How much of the name stands before the entry's star.
  std::optional<std::uint16_t> provider;
  std::string_view model;  // The provider's.

  bool found() const { return entry || provider; }
};

class NameIndex {
 public:
  NameIndex() = default;
  // The configuration stays with the caller and outlives the index.
  explicit NameIndex(const Config& config);

  std::optional<std::uint16_t> provider(std::string_view name) const;

  // An exact entry; PROVIDER/MODEL; the wildcard with the longest beginning.
  Meaning asked(std::string_view name, bool direct_models) const;
  // The same of a name that stands inside an entry: inside the one of its own name it means
  // PROVIDER/MODEL, if a provider begins it.
  Meaning written(std::string_view name, const ModelEntry& in) const;
  // PROVIDER/MODEL, or neither.
  Meaning direct(std::string_view name) const;

 private:
  Meaning wildcard(std::string_view name) const;

  std::unordered_map<std::string_view, std::uint16_t> providers_;
  std::unordered_map<std::string_view, std::uint16_t> exact_;
  std::unordered_map<std::string_view, std::uint16_t> by_prefix_;
  std::vector<std::size_t> prefix_lengths_;  // Those that occur, the longest first.
};

// Whether a target holds * or $0: what the star of its entry's name matched, and the whole name.
bool is_pattern(std::string_view target);
// The same target with both filled in; kept in the arena.
std::string_view fill_in(std::string_view target, std::string_view asked, std::size_t prefix,
                         Arena& arena);

}  // namespace sluice::config
