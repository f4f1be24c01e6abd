// What the names of `models:` lead to.
#pragma once

#include "sluice/request.h"

#include "config/model_settings.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sluice::config {

struct RouteNode;

// One of a group: a target, or a group within the group.
struct RouteMember {
  const TargetSettings* settings = nullptr;
  std::uint16_t place = 0;           // Of a target: Candidate::place.
  const RouteNode* group = nullptr;  // Null: a target.
};

struct RouteNode {
  std::string_view name;  // Of its entry; empty for one target alone and for a list of on_….
  const GroupSettings* settings = nullptr;  // The defaults, where there is no group.
  std::span<const RouteMember> members;
};

// The tree below one name. Places count on from `targets` to the lists and the shadow. Names for
// other names are followed: no node stands for them.
struct Route {
  const RouteNode* targets = nullptr;            // Never null in a route.
  const RouteNode* on_context_length = nullptr;  // Null: no list.
  const RouteNode* on_content_policy = nullptr;
  std::optional<std::uint16_t> shadow;  // Its place.
  std::uint16_t target_count = 0;       // The places below it are those of `targets`.
};

// What a name means.
struct Found {
  // The last of the names that it stands for: a group, or one for a target. Null: PROVIDER/MODEL.
  const ModelEntry* entry = nullptr;
  std::optional<std::uint16_t> index;  // Its place in Config::models.
  // The old name that was asked for, and the name that replaced it.
  const ModelEntry* old_entry = nullptr;
  std::string_view replaced_by;
  const Route* route = nullptr;           // Never null.
  std::span<const Candidate> candidates;  // Of every place of the route, in that order.
};

// An entry, ready to be answered.
struct CompiledEntry {
  Found found;             // Without a route where the entry means nothing.
  bool filled_in = false;  // Some of its texts hold * or $0.
};

}  // namespace sluice::config
