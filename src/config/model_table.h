// Which targets a model's name means.
#pragma once

#include "sluice/arena.h"

#include "config/config.h"
#include "config/name_index.h"
#include "config/route.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

// A name that callers may ask for.
struct ListedModel {
  std::string name;
  std::string target;         // PROVIDER/MODEL, the first of a group.
  std::string_view provider;  // Of that target.
};

// Looks up in this order: an exact entry; PROVIDER/MODEL, unless direct_models is off; the wildcard
// with the longest beginning.
class ModelTable {
 public:
  ModelTable() = default;
  // The configuration stays with the caller and outlives the table. Targets whose provider it lacks
  // are left out, and entries without a target.
  explicit ModelTable(const Config& config);
  ModelTable(const ModelTable&) = delete;
  ModelTable& operator=(const ModelTable&) = delete;

  // Texts are views of the configuration, of `asked`, of the table or of what the arena keeps; for
  // an entry without a star nothing is made.
  std::optional<Found> find(std::string_view asked, Arena& arena) const;
  // Of an entry that was found; of none: one target alone.
  const Route& route(std::optional<std::uint16_t> entry) const;
  // Of an entry, as the configuration writes them: * and $0 not filled in.
  std::span<const Candidate> candidates(std::uint16_t entry) const {
    return compiled_[entry].found.candidates;
  }
  std::optional<std::uint16_t> provider_index(std::string_view name) const {
    return index_.provider(name);
  }
  // What the catalogue knows of a candidate's model; null: nothing.
  const ModelFacts* facts(const Candidate& candidate) const;

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
  static Found filled_in(Found found, std::string_view asked, std::size_t prefix, Arena& arena);

  const Config* config_ = nullptr;
  NameIndex index_;
  Arena kept_;                           // Nodes, candidates and texts.
  std::vector<CompiledEntry> compiled_;  // One for each of Config::models.
  std::vector<std::string_view> names_;
  std::vector<std::string_view> wildcards_;
};

}  // namespace sluice::config
