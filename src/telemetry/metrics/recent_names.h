// One thread's shortcut to the ids of names: of each kind it is mostly the same one that is asked
// for again, and that is found in one cache line, without hashing.
#pragma once

#include "telemetry/metrics/names.h"

#include <array>
#include <cstring>
#include <string_view>

namespace sluice::metrics {

class RecentNames {
 public:
  explicit RecentNames(Names& names) : names_(names) {}

  Id id(NameKind kind, std::string_view text) {
    Recent& recent = recent_[static_cast<std::size_t>(kind)];
    if (recent.text() == text) return recent.id;
    const Id id = names_.id(kind, text);
    if (!text.empty() && text.size() <= recent.bytes.size()) {
      std::memcpy(recent.bytes.data(), text.data(), text.size());
      recent.size = static_cast<std::uint8_t>(text.size());
      recent.id = id;
    }
    return id;
  }

 private:
  struct alignas(64) Recent {
    Id id = kNone;
    std::uint8_t size = 0;
    std::array<char, 60> bytes;

    std::string_view text() const { return {bytes.data(), size}; }
  };

  Names& names_;
  std::array<Recent, kNameLimits.size()> recent_;
};

}  // namespace sluice::metrics
