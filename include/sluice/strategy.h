// Which of the candidates is asked. Pure: the same candidates and dice give the same pick.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace sluice {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
};

// What a strategy knows of one that may be asked now. Of a group within a group: of its best.
struct Choice {
  static constexpr double kUnknown = -1;
  static constexpr std::int64_t kNoPrice = -1;

  std::uint64_t name = 0;         // A hash of its name: the same in every process and order.
  double weight = 1;              // As configured.
  double share = 1;               // In (0, 1]: one that recovers is given less than it would be.
  std::uint32_t busy = 0;         // Requests that it answers now.
  double first_token = kUnknown;  // Seconds, a peak-sensitive average.
  double per_token = kUnknown;    // Seconds for each token of output, likewise.
  std::int64_t cost = kNoPrice;   // Of this request, as expected: pico-dollars.
  // What was learned of it for this class of requests: rewards of mean `reward` over `trials`.
  double trials = 0;
  double reward = 0;
  double spread = 1;  // Standard deviation of one reward.
};

// What a strategy knows of the request.
struct Wish {
  double output_tokens = 256;             // As expected.
  std::uint64_t turn = 0;                 // Counts up with every request of the group.
  std::optional<std::uint64_t> affinity;  // A hash of whom or what it belongs to.
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  // The place of one of the choices, of which there is at least one.
  virtual std::size_t pick(const Wish& wish, std::span<const Choice> choices,
                           Random& random) const = 0;
};

}  // namespace sluice
