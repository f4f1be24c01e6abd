// The names that stand in the entries of `models:`, each with its place in the file.
#pragma once

#include "config/config.h"
#include "config/name_index.h"
#include "config/node.h"
#include "config/reader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

struct WrittenName {
  enum class Use : std::uint8_t { Target, OnRefusal, Shadow, ReplacedBy };

  Use use = Use::Target;
  std::string_view text;
  const Node* node = nullptr;
  // The path below the entry: KEY[INDEX].INNER, each where there is one.
  std::string_view key{};
  std::optional<std::size_t> index{};
  std::string_view inner{};
  Meaning meaning{};  // For whoever finds it out.
};

// Without those that were left open. The node is the entry's.
std::vector<WrittenName> written_names(const ModelEntry& entry, const Node& node);

// "models.ENTRY.PATH: message" at the name.
void tell(Reader& reader, const ModelEntry& entry, const WrittenName& name,
          std::string_view message);

}  // namespace sluice::config
