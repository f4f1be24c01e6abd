// Builds what ModelTable answers with: the tree below each name.
#pragma once

#include "sluice/arena.h"

#include "config/config.h"
#include "config/name_index.h"
#include "config/route.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

inline constexpr std::size_t kMostTargets = 255;  // Below one name, lists and shadow included.
inline constexpr std::size_t kMostLevels = 16;    // Of names that name others.

class RouteCompiler {
 public:
  // All three outlive what is built.
  RouteCompiler(const Config& config, const NameIndex& index, Arena& kept)
      : config_(config), index_(index), kept_(kept) {}

  CompiledEntry compile(std::uint16_t entry);

 private:
  // An entry, and the name by which it is reached: unknown for the star of the one asked for.
  struct Place {
    std::uint16_t entry = 0;
    std::optional<std::string_view> asked{};
    std::size_t prefix = 0;
  };
  // Where a name leads in the end: a provider's model, or a group.
  struct End {
    std::optional<std::uint16_t> provider;
    std::string_view model;
    Place group;
  };

  const ModelEntry& at(const Place& place) const { return config_.models[place.entry]; }
  std::string_view filled(std::string_view text, const Place& in);
  Meaning meaning_of(std::string_view text, const Place& in) const;
  std::optional<End> follow(std::string_view text, Place in);
  std::optional<End> end_of(Place& place);
  bool follow_old_names(Place& place, Found& found, std::optional<End>& end);

  void add(std::vector<RouteMember>& members, std::string_view text, const TargetSettings& settings,
           const Place& in, std::size_t depth);
  const RouteNode* node(std::string_view name, const GroupSettings& settings,
                        const std::vector<RouteMember>& members);
  const RouteNode* group(const Place& place, std::size_t depth);
  const RouteNode* list(const std::vector<std::string>& names, const Place& in);
  const Route* route(const Place& place);

  const Config& config_;
  const NameIndex& index_;
  Arena& kept_;
  std::vector<Candidate> candidates_;  // Of the entry that is being compiled.
  bool filled_in_ = false;
};

// One target alone, under the default settings.
const Route& single_route();

}  // namespace sluice::config
