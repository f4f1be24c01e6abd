// Every type of provider: those that are built in, and what `catalogues:` adds to them.
#pragma once

#include "sluice/arena.h"
#include "sluice/catalogue.h"

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

// What one catalogue.yaml says. What it does not say is as it was.
struct QuirkTexts {
  std::optional<Quirks::Usage> stream_usage;
  std::optional<Quirks::Thoughts> thoughts;
  std::optional<bool> completion_tokens;
  std::optional<bool> developer_role;
  std::optional<bool> bills_when_cancelled;
  std::optional<bool> text_only_tools;
  std::optional<std::uint64_t> most_embeddings;
  std::optional<std::vector<std::string>> refuses;
};

struct ModelTexts {
  std::string name;
  std::optional<std::uint64_t> context;
  std::optional<std::uint64_t> most_output;
  std::optional<std::vector<Ability>> abilities;  // Absent: those of the provider.
};

struct CatalogueTexts {
  std::string type;
  std::optional<std::string> title;
  std::optional<Api> api;
  std::optional<std::string> base_url;
  std::optional<KeyKind> key;
  std::optional<std::string> telemetry_name;
  std::optional<std::vector<Operation>> operations;
  std::optional<std::vector<Ability>> abilities;
  QuirkTexts quirks;
  std::vector<ModelTexts> models;
};

class Catalogue {
 public:
  Catalogue() = default;
  // These stay with the caller, sorted by type, and outlive the catalogue.
  explicit Catalogue(std::span<const ProviderKind> kinds);
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  // Adds a type, or changes one: what `texts` says goes before what was known.
  void merge(const CatalogueTexts& texts);
  // Facts of models that the catalogue lacks; of types that it lacks too they are left out.
  void supplement(std::string_view type, std::span<const ModelTexts> models);

  // Null: there is none of this type.
  const ProviderKind* find(std::string_view type) const;
  std::vector<std::string_view> types() const;
  const std::vector<const ProviderKind*>& kinds() const { return kinds_; }  // Sorted by type.

 private:
  // Keeps what a changed kind views.
  struct Owned {
    ProviderKind kind;
    std::vector<ModelFacts> models;
    std::vector<std::string_view> refuses;
  };

  Owned& own(std::string_view type);
  void merge_models(Owned& owned, std::span<const ModelTexts> models, bool known_ones_too);

  std::vector<const ProviderKind*> kinds_;
  std::deque<Owned> owned_;
  Arena texts_;
};

}  // namespace sluice::config
