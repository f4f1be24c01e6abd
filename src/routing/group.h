// The targets below one name, as one worker reaches them under one configuration.
#pragma once

#include "sluice/price.h"
#include "sluice/strategy.h"

#include "config/model_settings.h"
#include "config/model_table.h"
#include "routing/destination.h"
#include "routing/fleet.h"
#include "routing/key_pool.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sluice::config {
class Snapshot;
}

namespace sluice::routing {

// One target; its place is that of its candidate.
struct Leaf {
  std::shared_ptr<TargetState> state;    // Null where the name that is asked for fills it in.
  std::shared_ptr<Allowance> allowance;  // Null: no limit of its own.
  config::RateLimitSettings limits;
  std::uint64_t name = 0;             // stable_hash() of PROVIDER/MODEL; 0: filled in.
  std::size_t lane = 0;               // KeyPool::lane_of() its model, unless it is filled in.
  const ModelFacts* facts = nullptr;  // Null: nothing is known, or it is filled in.
  const Price* price = nullptr;       // As of priced_at.
  Instant priced_at{};
};

struct Node;

// Of a group: a target, or a group within it.
struct Member {
  double weight = 1;
  const config::Expression* when = nullptr;
  std::uint16_t place = 0;
  Node* group = nullptr;  // Null: it is a target.
};

struct Node {
  std::string_view name;  // Empty for one target alone and for a list of on_….
  const config::GroupSettings* settings = nullptr;
  const Strategy* strategy = nullptr;
  std::unique_ptr<const Strategy> own_strategy;  // Of one that has settings.
  std::vector<Member> members;
  std::vector<std::uint16_t> places;  // Of all targets below it.
  std::uint64_t turn = 0;             // Requests that it was asked to answer.
  bool learns = false;                // From how its targets answer: it, or a group within it.
};

class Group {
 public:
  // Of an entry of `models:`; of none, for PROVIDER/MODEL. The snapshot outlives it.
  Group(const config::Snapshot& snapshot, std::optional<std::uint16_t> entry, Fleet& fleet);
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  std::string_view name() const { return root_->name; }
  const config::GroupSettings& settings() const { return *root_->settings; }
  Node& root() { return *root_; }
  // It is a name for one target, or PROVIDER/MODEL itself.
  bool is_one_target() const { return name().empty(); }
  // In all. One target alone is asked once: its callers hear of its failures as they are.
  std::uint32_t attempts() const { return is_one_target() ? 1 : settings().retry.attempts; }
  // Where requests go that were refused; null: nowhere.
  Node* on_context_length() { return on_context_length_; }
  Node* on_content_policy() { return on_content_policy_; }
  std::optional<std::uint16_t> shadow() const { return shadow_; }
  Leaf& leaf(std::uint16_t place) { return leaves_[place]; }
  std::size_t size() const { return leaves_.size(); }
  // Of the keys that the candidate of a request would be asked with.
  // What a raw path is refused for is no fault of the key: those share a lane of their own.
  std::size_t lane(const Request& request, const Candidate& candidate) const {
    if (request.traits().dialect == Dialect::Opaque) return 0;
    const Leaf& leaf = leaves_[candidate.place];
    return leaf.name != 0 ? leaf.lane : KeyPool::lane_of(candidate.model);
  }

  // Of a hundred requests, so many may be doubled.
  void count_request();
  bool may_hedge() const { return hedges_ >= 1; }
  void count_hedge() { hedges_ -= 1; }

 private:
  Node* add(const config::RouteNode& from);
  void add_member(Node& node, const config::RouteMember& from);
  void watch(const config::Snapshot& snapshot, const Candidate& candidate, Fleet& fleet);

  std::deque<Node> nodes_;
  std::vector<Leaf> leaves_;
  Node* root_ = nullptr;
  Node* on_context_length_ = nullptr;
  Node* on_content_policy_ = nullptr;
  std::optional<std::uint16_t> shadow_;
  double hedges_ = 0;
};

}  // namespace sluice::routing
