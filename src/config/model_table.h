// Which target a model's name means.
#pragma once

#include "sluice/arena.h"

#include "config/config.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sluice::config {

struct ResolvedTarget {
  const ProviderSettings* provider = nullptr;
  std::uint16_t provider_index = 0;   // In Config::providers.
  std::string_view upstream_model;    // What the provider calls it.
  const ModelFacts* facts = nullptr;  // Of the catalogue. Null: nothing is known of it.
};

// A name that callers may ask for.
struct ListedModel {
  std::string name;
  std::string target;  // PROVIDER/MODEL
  std::string_view provider;
};

// Looks up in this order: an exact entry; PROVIDER/MODEL, unless direct_models is off; the wildcard
// with the longest beginning.
class ModelTable {
 public:
  ModelTable() = default;
  // The configuration stays with the caller and outlives the table. An entry whose provider it
  // lacks is left out.
  explicit ModelTable(const Config& config);

  // upstream_model is a view of the configuration, of `asked` or of what the arena keeps.
  std::optional<ResolvedTarget> find(std::string_view asked, Arena& arena) const;
  std::optional<std::uint16_t> provider_index(std::string_view name) const;

  // The entries without a star; those with one as far as they mean models of the catalogue; and,
  // unless direct_models is off, PROVIDER/MODEL for the models of the catalogue. Of providers that
  // cannot be asked only the entries.
  std::vector<ListedModel> listed() const;

  // Up to three names for somebody who mistyped one.
  std::vector<std::string> nearest(std::string_view asked) const;
  // The entries without a star, and those with one, in the order of the file.
  const std::vector<std::string_view>& names() const { return names_; }
  const std::vector<std::string_view>& wildcards() const { return wildcards_; }

 private:
  struct Wildcard {
    ResolvedTarget target;
    bool filled_in;  // The target holds * or $0.
  };

  std::optional<ResolvedTarget> target_of(const ModelEntry& entry) const;
  ResolvedTarget fill_in(const Wildcard& wildcard, std::string_view asked, std::size_t prefix,
                         Arena& arena) const;

  const Config* config_ = nullptr;
  std::unordered_map<std::string_view, std::uint16_t> providers_;
  std::unordered_map<std::string_view, ResolvedTarget> exact_;
  std::unordered_map<std::string_view, Wildcard> by_prefix_;
  std::vector<std::size_t> prefix_lengths_;  // Those that occur, the longest first.
  std::vector<std::string_view> names_;
  std::vector<std::string_view> wildcards_;
};

}  // namespace sluice::config
