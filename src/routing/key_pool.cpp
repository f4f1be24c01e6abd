#include "routing/key_pool.h"

#include "base/log.h"
#include "base/text.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace sluice::routing {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kRefused = minutes(5);  // Doubles up to:
constexpr Duration kRefusedAtMost = hours(1);
constexpr Duration kCooling = seconds(1);  // Doubles up to:
constexpr Duration kCoolingAtMost = seconds(60);
constexpr Duration kSpent = minutes(10);
constexpr Duration kLongest = hours(24);  // Whatever a provider says.

std::int64_t ticks(Instant moment) {
  return moment.time_since_epoch().count();
}

// A pause. Each that no success came before is twice as long.
class Rest {
 public:
  Instant until() const { return Instant(Duration(until_.load(std::memory_order_relaxed))); }

  // By a request that was begun `then`. Nothing: it rests already, or the request knew less than
  // what the last rest was for.
  std::optional<Duration> begin(Duration first, Duration at_most, Instant then, Instant now) {
    std::int64_t until = until_.load(std::memory_order_relaxed);
    if (until > ticks(now) || ticks(then) < since_.load(std::memory_order_relaxed)) return {};
    const std::uint32_t before = strikes_.load(std::memory_order_relaxed);
    const Duration pause = std::min(first * (std::int64_t{1} << std::min(before, 16U)), at_most);
    // Of several that fail at once, one makes it rest.
    if (!until_.compare_exchange_strong(until, ticks(now + pause), std::memory_order_relaxed)) {
      return {};
    }
    strikes_.store(before + 1, std::memory_order_relaxed);
    since_.store(ticks(now), std::memory_order_relaxed);
    return pause;
  }
  // For so long at least. Nothing: it rests already, though it may do so longer now.
  std::optional<Duration> begin(Duration pause, Instant now) {
    const std::int64_t wanted = ticks(now + std::min(pause, kLongest));
    std::int64_t until = until_.load(std::memory_order_relaxed);
    while (until < wanted &&
           !until_.compare_exchange_weak(until, wanted, std::memory_order_relaxed)) {
    }
    if (until > ticks(now)) return {};
    since_.store(ticks(now), std::memory_order_relaxed);
    return Duration(wanted - ticks(now));
  }
  void succeeded() {
    if (strikes_.load(std::memory_order_relaxed) > 0) strikes_.store(0, std::memory_order_relaxed);
  }

 private:
  std::atomic<std::int64_t> until_ = 0;
  std::atomic<std::int64_t> since_ = 0;
  std::atomic<std::uint32_t> strikes_ = 0;
};

// The account behind the key has no money or quota left.
bool is_spent(int status, std::string_view body, const ApiError& error) {
  if (status == 402) return true;
  if (status == 429) {
    return body.contains("insufficient_quota") || body.contains("enforced_spend_limit_reached") ||
           body.contains("monthly spend limit");
  }
  if (status != 400) return false;
  if (error.message.starts_with("You have reached your specified API usage limits")) return true;
  // What the status does not tell the provider's class understood; some mean 401 by 400.
  return error.code == "upstream_auth" && error.upstream && error.upstream->status == 400;
}

// Some say "forbidden" of what was asked, not of who asked.
bool forbids_the_request(std::string_view content_type, std::string_view body) {
  return text::iequals(content_type.substr(0, 9), "text/html") ||  // A firewall's.
         body.contains("model_not_found") || body.contains("moderation") ||
         body.contains("usage guidelines");
}

bool is_refused(const UpstreamHead& head, std::string_view body, const ApiError& error) {
  if (head.status == 401) return true;
  if (head.status == 403) return !forbids_the_request(head.content_type, body);
  return error.code == "upstream_auth";
}

// More than any minute's allowance: no other moment would do, and no other request is concerned.
bool is_too_large(std::string_view body) {
  return body.contains("\"Request too large");
}

std::optional<Duration> told_pause(const UpstreamHead& head, const ApiError& error) {
  if (head.retry_after) return *head.retry_after;
  if (error.retry_after) return *error.retry_after;
  return std::nullopt;
}

}  // namespace

struct alignas(64) Lane {
  Rest cooling;
  Pace pace;
};

struct KeyPool::Key {
  explicit Key(std::string name) : identity(std::move(name)) {}

  Instant rests_until(std::size_t lane) const {
    return std::max({refused.until(), spent.until(), lanes[lane].cooling.until()});
  }

  std::string identity;
  Rest refused;
  Rest spent;
  std::array<Lane, kLanes> lanes;
};

std::string_view condition_name(KeyCondition condition) {
  constexpr std::array<std::string_view, 4> names{"usable", "cooling", "spent", "refused"};
  return names[static_cast<std::size_t>(condition)];
}

std::size_t KeyPool::lane_of(std::string_view model) {
  if (model.empty()) return 0;
  return 1 + std::hash<std::string_view>{}(model) % (kLanes - 1);
}

KeyPool::KeyPool(std::string provider, KeyBlame blame, std::vector<KeyShare> keys,
                 const KeyPool* before)
    : provider_(std::move(provider)), blame_(blame) {
  if (keys.empty()) keys.emplace_back();
  for (const KeyShare& share : keys) {
    std::shared_ptr<Key> key = before ? before->find(share.identity) : nullptr;
    if (!key) key = find(share.identity);  // Named twice.
    if (!key) key = std::make_shared<Key>(share.identity);
    keys_.push_back({std::move(key), share.weight});
  }
}

KeyPool::~KeyPool() = default;

std::shared_ptr<KeyPool::Key> KeyPool::find(std::string_view identity) const {
  const auto found = std::ranges::find(
      keys_, identity, [](const Place& place) -> std::string_view { return place.key->identity; });
  return found == keys_.end() ? nullptr : found->key;
}

Instant KeyPool::ready(const Place& place, const KeyWish& wish, Instant now) const {
  const Instant rested = place.key->rests_until(wish.lane);
  return std::max(rested, place.key->lanes[wish.lane].pace.slot(wish.tokens, now));
}

std::optional<KeyUse> KeyPool::pick(const KeyWish& wish, Random& random, Instant now) {
  const Instant latest = now + std::max(wish.patience, Duration(0));
  for (std::uint64_t tried = wish.tried;;) {
    std::optional<std::size_t> chosen;
    std::optional<std::size_t> first;
    Instant first_at = latest;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      const Place& place = keys_[i];
      if ((tried & bit_of(i)) != 0 || place.key->rests_until(wish.lane) > now) continue;
      const Instant at = place.key->lanes[wish.lane].pace.slot(wish.tokens, now);
      if (at <= now) {
        // Each takes the place of those before it with its share of the weight so far.
        sum += place.weight;
        if (!chosen || random.next() % sum < place.weight) chosen = i;
      } else if (at < first_at || (!first && at == first_at)) {
        first = i;
        first_at = at;
      }
    }
    if (!chosen) chosen = first;
    if (!chosen) return std::nullopt;
    auto begun = keys_[*chosen].key->lanes[wish.lane].pace.begin(wish.tokens, now, latest);
    if (begun) {
      return KeyUse{
          .key = *chosen, .lane = wish.lane, .turn = begun->turn, .begun = now, .at = begun->at};
    }
    tried |= bit_of(*chosen);  // Another took its turn meanwhile.
  }
}

bool KeyPool::has_usable(const KeyWish& wish, Instant now) const {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const Key& key = *keys_[i].key;
    if ((wish.tried & bit_of(i)) != 0 || key.rests_until(wish.lane) > now) continue;
    if (key.lanes[wish.lane].pace.slot(wish.tokens, now) <= now + wish.patience) return true;
  }
  return false;
}

std::optional<KeyUse> KeyPool::soonest(const KeyWish& wish, Instant now) const {
  std::optional<KeyUse> use;
  Instant first = kNever;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const Instant usable = ready(keys_[i], wish, now);
    if ((wish.tried & bit_of(i)) != 0 || (use && usable >= first)) continue;
    first = usable;
    use = KeyUse{.key = i, .lane = wish.lane, .turn = {}, .begun = now, .at = now};
  }
  return use;
}

Instant KeyPool::usable_again(const KeyWish& wish, Instant now) const {
  Instant soonest = kNever;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if ((wish.tried & bit_of(i)) == 0) soonest = std::min(soonest, ready(keys_[i], wish, now));
  }
  return soonest;
}

void KeyPool::answered(const KeyUse& use, const UpstreamHead& head, const Clock& clock) {
  if (blame_ == KeyBlame::Nothing) return;
  Key& key = *keys_[use.key].key;
  Lane& lane = key.lanes[use.lane];
  key.refused.succeeded();
  lane.cooling.succeeded();
  if (head.tells_limits) {
    lane.pace.told(read_rate_state(head.fields, clock.wall()), use.turn, clock.now());
  }
}

KeyCondition KeyPool::refused(const KeyUse& use, const UpstreamHead& head, const ApiError& error,
                              const Clock& clock, std::string_view body) {
  if (blame_ == KeyBlame::Nothing) return KeyCondition::Usable;
  const Instant now = clock.now();
  Key& key = *keys_[use.key].key;
  Lane& lane = key.lanes[use.lane];
  RateState rates;
  if (head.tells_limits) rates = read_rate_state(head.fields, clock.wall());
  lane.pace.told(rates, use.turn, now);
  const bool rejected = head.status >= 400 && head.status < 500 && head.status != 429;
  if (rejected && !rates.tokens) lane.pace.give_back(use.turn);
  const RateLimit* const tightest = rates.tightest();
  std::optional<Duration> pause = told_pause(head, error);

  const bool ours = blame_ == KeyBlame::All;
  if (ours && is_spent(head.status, body, error)) {
    if (!pause && tightest && tightest->remaining == 0) pause = tightest->reset_in;
    const auto rest = key.spent.begin(pause.value_or(kSpent), now);
    if (rest) alert(use.key, "a provider's key has no quota left", head.status, *rest);
    return KeyCondition::Spent;
  }
  // What names no model may be more than keys of this kind are meant for.
  if (ours && use.lane != 0 && is_refused(head, body, error)) {
    const auto rest = key.refused.begin(kRefused, kRefusedAtMost, use.begun, now);
    if (rest) alert(use.key, "a provider refuses a key", head.status, *rest);
    return KeyCondition::Refused;
  }
  if (head.status != 429 || is_too_large(body)) return KeyCondition::Usable;
  if (!pause && tightest) pause = tightest->reset_in;
  if (pause) {
    lane.cooling.begin(*pause, now);
  } else {
    lane.cooling.begin(kCooling, kCoolingAtMost, use.begun, now);
  }
  return KeyCondition::Cooling;
}

void KeyPool::alert(std::size_t key, std::string_view message, int status, Duration rest) const {
  log::error("providers", message,
             {{"provider", provider_},
              {"key", key + 1},
              {"of", keys_.size()},
              {"status", status},
              {"rests_s", std::chrono::ceil<seconds>(rest).count()}});
}

KeyPool::State KeyPool::state(std::size_t key, Instant now) const {
  const Key& one = *keys_[key].key;
  if (one.refused.until() > now) return {KeyCondition::Refused, one.refused.until()};
  if (one.spent.until() > now) return {KeyCondition::Spent, one.spent.until()};
  Instant until{};
  for (const Lane& lane : one.lanes) until = std::max(until, lane.cooling.until());
  if (until > now) return {KeyCondition::Cooling, until};
  return {};
}

}  // namespace sluice::routing
