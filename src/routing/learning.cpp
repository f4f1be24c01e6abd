#include "routing/learning.h"

#include "base/whole_file.h"
#include "routing/strategies/learned_state.h"
#include "routing/strategies/stable_hash.h"

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sluice::routing {
namespace {

constexpr std::string_view kOther = "other";

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return stable_hash(text); }
};

template <class T>
using ByText = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

// Classes stay where they are.
class GroupExperience {
 public:
  void tell(std::string_view traffic_class, const RewardWeights& weights,
            std::span<Choice> choices) const {
    const std::scoped_lock lock(mutex_);
    auto found = classes_.find(traffic_class);
    if (found == classes_.end()) found = classes_.find(name_of(traffic_class));
    if (found == classes_.end()) return tell_nothing(weights, choices);
    found->second.tell(weights, choices);
  }

  static void tell_nothing(const RewardWeights& weights, std::span<Choice> choices) {
    for (Choice& choice : choices) Experience::tell_nothing(weights, choice);
  }

  void observe(std::string_view traffic_class, std::string_view target, const Trial& trial) {
    const std::scoped_lock lock(mutex_);
    Experience& its = class_of(traffic_class);
    if (const auto number = its.number_of(target)) its.observe(*number, trial);
  }

  // Whom a rating is of.
  struct Rated {
    Experience* its;
    std::size_t number;
  };

  std::optional<Rated> rated(std::string_view traffic_class, std::string_view target) {
    const std::scoped_lock lock(mutex_);
    Experience& its = class_of(traffic_class);
    const auto number = its.number_of(target);
    return number ? std::optional(Rated{&its, *number}) : std::nullopt;
  }

  void rate(const Rated& rated, double score) {
    const std::scoped_lock lock(mutex_);
    rated.its->rate(rated.number, score);
  }

  std::vector<LearnedClass> classes() const {
    const std::scoped_lock lock(mutex_);
    std::vector<LearnedClass> all;
    for (const auto& [name, its] : classes_) all.push_back({name, its.targets()});
    return all;
  }

  void learn(LearnedClass its) {
    const std::scoped_lock lock(mutex_);
    if (name_of(its.name) != its.name) return;  // No file of ours has so many.
    classes_.insert_or_assign(std::move(its.name), Experience(std::move(its.targets)));
  }

 private:
  std::string_view name_of(std::string_view traffic_class) const {
    if (classes_.contains(traffic_class)) return traffic_class;
    const std::size_t own = classes_.size() - (classes_.contains(kOther) ? 1 : 0);
    const bool room = own < Learning::kClasses;
    return room && traffic_class.size() <= Learning::kLongestClass ? traffic_class : kOther;
  }

  Experience& class_of(std::string_view traffic_class) {
    const auto found = classes_.find(traffic_class);
    if (found != classes_.end()) return found->second;
    return classes_.try_emplace(std::string(name_of(traffic_class))).first->second;
  }

  mutable std::mutex mutex_;
  ByText<Experience> classes_;
};

// Who answered the last requests.
class Memory {
 public:
  struct Entry {
    GroupExperience* group;
    GroupExperience::Rated of;
    Instant when;
    bool rated = false;
  };

  void keep(std::uint64_t request, const Entry& entry) {
    const std::scoped_lock lock(mutex_);
    while (!order_.empty() && (order_.size() >= Learning::kRemembered ||
                               entry.when - order_.front().second > Learning::kRateableFor)) {
      forget_oldest();
    }
    if (order_.empty()) entries_.reserve(Learning::kRemembered);  // Never again while they grow.
    entries_.insert_or_assign(request, entry);
    order_.emplace_back(request, entry.when);
  }

  // The entry as it was before; from now on it is rated.
  std::optional<Entry> take(std::uint64_t request, Instant now) {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(request);
    if (found == entries_.end() || now - found->second.when > Learning::kRateableFor) {
      return std::nullopt;
    }
    Entry before = found->second;
    found->second.rated = true;
    return before;
  }

  void clear() {
    const std::scoped_lock lock(mutex_);
    entries_.clear();
    order_.clear();
  }

 private:
  // Of two requests of one id only the younger is there.
  void forget_oldest() {
    const auto [request, when] = order_.front();
    order_.pop_front();
    const auto found = entries_.find(request);
    if (found != entries_.end() && found->second.when == when) entries_.erase(found);
  }

  std::mutex mutex_;
  std::unordered_map<std::uint64_t, Entry> entries_;
  std::deque<std::pair<std::uint64_t, Instant>> order_;
};

}  // namespace

// Who only reads or writes within a group shares `mutex`; who adds groups has it alone. Memory
// points into groups, so they go together.
struct Learning::Impl {
  explicit Impl(const Clock& its_clock) : clock(its_clock) {}

  // Calls use(group) with the group, which is made where it is wanted.
  template <class Use>
  void with(std::string_view name, const Use& use) {
    {
      const std::shared_lock lock(mutex);
      const auto found = groups.find(name);
      if (found != groups.end()) return use(*found->second);
    }
    const std::scoped_lock lock(mutex);
    auto& group = groups[std::string(name)];
    if (!group) group = std::make_unique<GroupExperience>();
    use(*group);
  }

  const Clock& clock;
  std::shared_mutex mutex;
  ByText<std::unique_ptr<GroupExperience>> groups;
  Memory memory;
};

Learning::Learning(const Clock& clock) : impl_(std::make_unique<Impl>(clock)) {}

Learning::~Learning() = default;

void Learning::tell(std::string_view group, std::string_view traffic_class,
                    const RewardWeights& weights, std::span<Choice> choices) const {
  const std::shared_lock lock(impl_->mutex);
  const auto found = impl_->groups.find(group);
  if (found == impl_->groups.end()) return GroupExperience::tell_nothing(weights, choices);
  found->second->tell(traffic_class, weights, choices);
}

void Learning::observe(std::string_view group, std::string_view traffic_class,
                       std::string_view target, const Trial& trial) {
  impl_->with(group, [&](GroupExperience& its) { its.observe(traffic_class, target, trial); });
}

void Learning::remember(std::string_view request_id, std::string_view group,
                        std::string_view traffic_class, std::string_view target) {
  const std::uint64_t request = stable_hash(request_id);
  const Instant now = impl_->clock.now();
  impl_->with(group, [&](GroupExperience& its) {
    if (const auto rated = its.rated(traffic_class, target)) {
      impl_->memory.keep(request, {.group = &its, .of = *rated, .when = now});
    }
  });
}

Feedback Learning::feedback(std::string_view request_id, double score) {
  const std::shared_lock lock(impl_->mutex);
  const auto entry = impl_->memory.take(stable_hash(request_id), impl_->clock.now());
  if (!entry) return Feedback::Unknown;
  if (entry->rated) return Feedback::Repeated;
  entry->group->rate(entry->of, score);
  return Feedback::Noted;
}

std::expected<void, std::string> Learning::save(const std::string& path) const {
  std::vector<LearnedGroup> groups;
  {
    const std::shared_lock lock(impl_->mutex);
    for (const auto& [name, group] : impl_->groups) groups.push_back({name, group->classes()});
  }
  return base::write_whole(path, write_learned(groups));
}

std::expected<void, std::string> Learning::load(const std::string& path) {
  const auto text = base::read_whole(path);
  if (!text) return std::unexpected(text.error());
  if (!*text) return {};
  auto groups = read_learned(**text);
  if (!groups) return std::unexpected(path + ": " + groups.error());
  const std::scoped_lock lock(impl_->mutex);
  impl_->memory.clear();
  impl_->groups.clear();
  for (LearnedGroup& group : *groups) {
    auto& its = impl_->groups[group.name];
    if (!its) its = std::make_unique<GroupExperience>();
    for (LearnedClass& of : group.classes) its->learn(std::move(of));
  }
  return {};
}

}  // namespace sluice::routing
