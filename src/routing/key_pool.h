// The keys of one provider: which of them is used, and which rest.
#pragma once

#include "sluice/strategy.h"
#include "sluice/upstream.h"

#include "routing/pacing.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::routing {

// What of a provider's refusal is held against the key.
enum class KeyBlame : std::uint8_t {
  All,      // Ours: refused, spent or over its limit, it rests.
  Limits,   // Signatures, tokens and no key at all: only what is over a limit.
  Nothing,  // The caller's own.
};

struct KeyShare {
  std::string identity;  // Never the key itself: a digest of it.
  std::uint32_t weight = 1;
};

// What is wanted of a key.
struct KeyWish {
  std::size_t lane = 0;      // Of the model: KeyPool::lane_of().
  std::uint64_t tokens = 0;  // Expected, of input and output.
  std::uint64_t tried = 0;   // A bit for each key that will not do: KeyPool::bit_of().
  Duration patience{};       // How long one would wait for a turn.
};

// A key that was picked. To be handed back once, with what became of it.
struct KeyUse {
  std::size_t key = 0;
  std::size_t lane = 0;
  Turn turn = {};
  Instant begun{};  // When it was picked,
  Instant at{};     // and when it may go: later only where the wish was patient.
};

enum class KeyCondition : std::uint8_t {
  Usable,
  Cooling,  // It was over a limit.
  Spent,    // Of its quota or money.
  Refused,  // It is not accepted.
};
std::string_view condition_name(KeyCondition condition);

class KeyPool {
 public:
  static constexpr std::size_t kLanes = 16;

  // Providers limit each model on its own. Models that share a lane rest together; lane 0 is of
  // requests that name none.
  static std::size_t lane_of(std::string_view model);
  // Of many keys some share a bit: then one that might have done is passed over.
  static std::uint64_t bit_of(std::size_t key) { return std::uint64_t{1} << (key % 64); }

  // Keys that `before` had too go on as they were. No key: one that is none of ours.
  KeyPool(std::string provider, KeyBlame blame, std::vector<KeyShare> keys = {},
          const KeyPool* before = nullptr);
  ~KeyPool();

  std::size_t size() const { return keys_.size(); }

  // By weight among those that may be used at once; else the one whose turn comes first, within
  // one's patience; else none.
  std::optional<KeyUse> pick(const KeyWish& wish, Random& random, Instant now);
  // pick() would find one.
  bool has_usable(const KeyWish& wish, Instant now) const;
  // One that was not tried, though it rests, where nothing better is left: the one that will be
  // usable first.
  std::optional<KeyUse> soonest(const KeyWish& wish, Instant now) const;
  // When one that was not tried could be picked by the impatient; kNever: all were tried.
  Instant usable_again(const KeyWish& wish, Instant now) const;

  // Answered with success.
  void answered(const KeyUse& use, const UpstreamHead& head, const Clock& clock);
  // Answered with any other status; `error` is what the provider's class made of the body, which
  // hides from callers what the body says of keys. What the answer says of the key, whether it
  // rests for that or did already: Usable where nothing, so that no other key would do better.
  KeyCondition refused(const KeyUse& use, const UpstreamHead& head, const ApiError& error,
                       const Clock& clock, std::string_view body = {});

  struct State {
    KeyCondition condition = KeyCondition::Usable;
    Instant until{};  // Where it rests.
  };
  State state(std::size_t key, Instant now) const;

 private:
  struct Key;  // What is known of it: shared with the pools before and after.
  struct Place {
    std::shared_ptr<Key> key;
    std::uint32_t weight = 1;
  };

  std::shared_ptr<Key> find(std::string_view identity) const;
  Instant ready(const Place& place, const KeyWish& wish, Instant now) const;
  void alert(std::size_t key, std::string_view message, int status, Duration rest) const;

  std::string provider_;
  KeyBlame blame_;
  std::vector<Place> keys_;
};

}  // namespace sluice::routing
