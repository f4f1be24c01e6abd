// JSON as it came: a strict reader whose values are spans of the source.
//
// Nothing is copied and nothing is converted until it is asked for, so that a proxied body can go
// on byte for byte (json_editor.h changes it in place). The text needs no padding behind it.
//
// What parse() refuses: empty text, a byte order mark, invalid UTF-8, control characters in
// strings, unbalanced or too deep brackets, wrong order of commas, colons, keys and values,
// anything behind the one root value. Up to `strict_up_to` bytes every number, literal and escape
// is checked too; above that those of the root's own keys, numbers and literals. A value that is
// read is checked whatever the size: it reads as nothing when it is malformed.
#pragma once

#include "sluice/arena.h"
#include "sluice/error.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace sluice::json {

struct Index;
struct Member;
class Members;
class Elements;

struct Limits {
  std::uint32_t depth = 128;             // Arrays and objects within each other.
  std::size_t strict_up_to = 16 * 1024;  // SIZE_MAX: always the full grammar.
};

enum class Kind { Null, Bool, Number, String, Array, Object };

// A view of one value: cheap to copy, valid until the reader's next parse().
class Value {
 public:
  Value(const Index& index, std::uint32_t position) : index_(&index), position_(position) {}

  Kind kind() const;
  std::string_view raw() const;  // Exactly the source: strings with their quotes.
  std::uint32_t offset() const;  // Of raw() in the document.

  // Nothing: the value is not one, or does not fit. 1.0 and 1e2 are no integers.
  std::optional<bool> boolean() const;
  std::optional<std::int64_t> integer() const;
  std::optional<double> number() const;
  // The contents of a string without escapes: a view of the source.
  std::optional<std::string_view> plain_string() const;
  // The contents of any string: a view of the source when it has no escapes, else kept in the
  // arena.
  std::optional<std::string_view> string(Arena& arena) const;

  // Is a string with these contents, however it is escaped.
  bool operator==(std::string_view contents) const;

  Members members() const;                                // Of an object; empty for anything else.
  Elements elements() const;                              // Of an array; empty for anything else.
  std::optional<Value> find(std::string_view key) const;  // The first member of that name.

 private:
  const Index* index_;
  std::uint32_t position_;
};

struct Member {
  Value key;  // Always a string.
  Value value;
};

// for (auto [key, value] : object.members())
class Members {
 public:
  class Iterator {
   public:
    Iterator(const Index& index, std::uint32_t key) : index_(&index), key_(key) {}
    Member operator*() const { return {Value(*index_, key_), Value(*index_, key_ + 2)}; }
    Iterator& operator++();
    bool operator==(std::default_sentinel_t) const { return key_ == 0; }

   private:
    const Index* index_;
    std::uint32_t key_;  // No key stands at position 0: that is the end.
  };

  explicit Members(Iterator begin) : begin_(begin) {}
  Iterator begin() const { return begin_; }
  std::default_sentinel_t end() const { return {}; }

 private:
  Iterator begin_;
};

// for (auto element : array.elements())
class Elements {
 public:
  class Iterator {
   public:
    Iterator(const Index& index, std::uint32_t value) : index_(&index), value_(value) {}
    Value operator*() const { return Value(*index_, value_); }
    Iterator& operator++();
    bool operator==(std::default_sentinel_t) const { return value_ == 0; }

   private:
    const Index* index_;
    std::uint32_t value_;  // No element stands at position 0: that is the end.
  };

  explicit Elements(Iterator begin) : begin_(begin) {}
  Iterator begin() const { return begin_; }
  std::default_sentinel_t end() const { return {}; }

 private:
  Iterator begin_;
};

// One per thread, used again and again. What a document above 1 MiB needed is given back by the
// next smaller one.
class Reader {
 public:
  Reader();
  ~Reader();

  // The text must stay in place as long as its values are used. Fails with `invalid_json`.
  Result<Value> parse(std::string_view text, const Limits& limits = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Finds the members named `keys` in one pass: found[i] belongs to keys[i], at most 64 of them.
// Fails when one stands there twice, be it in another case or with escapes: libraries disagree on
// which of them wins, and so would we and the provider.
Result<void> pick(const Value& object, std::span<const std::string_view> keys,
                  std::span<std::optional<Value>> found);

template <std::size_t count>
Result<std::array<std::optional<Value>, count>> pick(const Value& object,
                                                     const std::string_view (&keys)[count]) {
  std::array<std::optional<Value>, count> found;
  TRY_VOID(pick(object, std::span<const std::string_view>(keys), found));
  return found;
}

// The same check alone.
Result<void> refuse_duplicates(const Value& object, std::span<const std::string_view> policy_keys);

}  // namespace sluice::json
