// The table's words: what a value may be (Type), what a mapping holds (Field), and what both are
// shown as. Reading, the JSON Schema, the reference page and the dump all walk the same table.
#pragma once

#include "config/node.h"
#include "config/reader.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::config {

class Type;

enum class Secrets { Masked, Digested };

// A value as it is written back.
struct Shown {
  enum class Kind { Absent, Plain, Text, List, Map };

  Kind kind = Kind::Absent;
  std::string text{};
  std::vector<Shown> items{};  // Of a List or Map.
  std::string key{};           // Of an item of a Map.

  static Shown plain(std::string text) { return {.kind = Kind::Plain, .text = std::move(text)}; }
  static Shown quoted(std::string text) { return {.kind = Kind::Text, .text = std::move(text)}; }

  void add(std::string_view item_key, Shown item) {
    item.key = item_key;
    items.push_back(std::move(item));
  }
  const Shown* find(std::string_view item_key) const;
};

enum class Availability : std::uint8_t { Built, NotYet };
enum class Need : std::uint8_t { Optional, Required };

struct Field {
  std::string_view name;
  std::string_view doc{};
  const Type* type = nullptr;
  void* (*member)(void*) = nullptr;  // Null: the value is checked and not kept.
  Availability availability = Availability::Built;
  Need need = Need::Optional;
  std::string_view default_words{};  // Where the struct's own default does not say it.
};

struct Word {
  std::string_view word;
  Availability availability = Availability::Built;
};

// What a type is, for whoever describes it.
struct Shape {
  enum class Kind { Scalar, List, Map, Section, Either, Any };

  Kind kind = Kind::Scalar;
  std::string_view words{};    // "a duration such as 250ms, 10s, 5m, 1h or 30d"
  Written written = kText;     // Of a scalar.
  std::string_view pattern{};  // Of a scalar's text; empty: any.
  std::uint64_t least = 0;     // Of a whole number; most 0: any.
  std::uint64_t most = 0;
  std::vector<Word> choices{};    // Of a scalar; empty: any.
  const Type* element = nullptr;  // Of a List or Map.
  const Field* fields = nullptr;  // Of a Section.
  std::size_t field_count = 0;
  std::vector<const Type*> either{};
  std::string_view
      mapping_not_yet{};  // Of an Either: the mapping's name, if this build has it not.
};

class Type {
 public:
  // Reads into an object of the type's own C++ type; null: only checks.
  virtual void read(Reader& reader, const Node& node, void* into) const = 0;
  virtual Shown show(const void* value, Secrets secrets) const = 0;
  // Of a value that nobody set.
  virtual Shown show_default() const = 0;
  virtual Shape shape() const = 0;

 protected:
  ~Type() = default;
};

// A Type whose C++ type is T.
template <class T>
class Of : public Type {
 public:
  void read(Reader& reader, const Node& node, void* into) const final {
    if (into) return read_value(reader, node, *static_cast<T*>(into));
    T scratch{};
    read_value(reader, node, scratch);
  }
  Shown show(const void* value, Secrets secrets) const final {
    return show_value(*static_cast<const T*>(value), secrets);
  }
  Shown show_default() const override { return show_value(T{}, Secrets::Masked); }

  virtual void read_value(Reader& reader, const Node& node, T& into) const = 0;
  virtual Shown show_value(const T& value, Secrets secrets) const = 0;

 protected:
  ~Of() = default;
};

// The C++ type of values that are checked and not kept.
struct Unkept {};

}  // namespace sluice::config
