// Label values as small numbers. Looking a known name up takes no lock; only a new one does. Each
// kind has a limit, so that callers who invent names cannot fill the memory: what exceeds it is
// `other`. So the names of the configuration should be entered before the first request.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace sluice::metrics {

using Id = std::uint16_t;
inline constexpr Id kNone = 0;   // The empty name.
inline constexpr Id kOther = 1;  // Too many, too long or not text.

enum class NameKind : std::uint8_t {
  Surface,
  Operation,
  Model,
  Provider,
  GenAiProvider,
  Outcome,
  Reason,
  State,
  Result,
  Key,
};
inline constexpr std::array<std::uint16_t, 10> kNameLimits = {64, 64, 1000, 256, 64,
                                                              64, 64, 16,   16,  2000};
inline constexpr int kIdBits = 12;
inline constexpr std::size_t kLongestName = 128;

class Names {
 public:
  Names();
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;
  ~Names();

  Id id(NameKind kind, std::string_view text);
  // Lives as long as the table.
  std::string_view text(Id id) const;

 private:
  static constexpr std::size_t kIds = std::size_t{1} << kIdBits;
  static constexpr std::size_t kSlots = 2 * kIds;
  struct Name {
    NameKind kind;
    std::string text;
  };

  Id find(NameKind kind, std::string_view text, std::size_t& slot) const;

  std::array<std::atomic<const Name*>, kIds> names_{};
  std::array<std::atomic<Id>, kSlots> slots_{};  // Open addressing; kNone is a free slot.
  std::mutex entering_;
  Id next_ = kOther + 1;
  std::array<std::uint16_t, kNameLimits.size()> entered_{};
};

}  // namespace sluice::metrics
