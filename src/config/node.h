// The tree of one YAML file: what stands where, nothing interpreted yet.
#pragma once

#include "sluice/arena.h"

#include "config/diagnostic.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

namespace sluice::config {

struct Node {
  enum class Kind : std::uint8_t { Null, Scalar, List, Map };
  struct Entry {
    std::string_view key;  // Of a map.
    Position key_at;
    const Node* value = nullptr;
  };

  Kind kind = Kind::Null;
  bool quoted = false;         // A scalar in quotes or a block: text, whatever it looks like.
  Position at;                 // Where the value begins; of a null: where its key does.
  std::string_view text;       // Of a scalar.
  std::vector<Entry> entries;  // Of a list or map.
  std::uint32_t weight = 1;    // Nodes below and including this one, aliases written out.

  const Node* find(std::string_view key) const;
  const Entry* find_entry(std::string_view key) const;
};

// Owns the nodes and their texts. An alias is a second pointer to the node it names.
class Document {
 public:
  // What it refuses: what is not YAML or not UTF-8, doubled keys, tags, merge keys, several
  // documents, more than 32 levels, and aliases that would write out to more than 200,000 nodes.
  // nullopt: the findings say why.
  static std::optional<Document> parse(std::string_view text, Findings& findings);

  const Node& root() const { return *root_; }

 private:
  friend class DocumentBuilder;
  Document() : texts_(std::make_unique<Arena>()) {}

  std::deque<Node> nodes_;
  std::unique_ptr<Arena> texts_;
  const Node* root_ = nullptr;
};

}  // namespace sluice::config
