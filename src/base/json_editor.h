// Changes a JSON document in place: what is not touched stays as it came, byte for byte.
#pragma once

#include "sluice/arena.h"

#include "base/json.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace sluice::json {

// The document after its edits, ready for a gathering write.
struct Edited {
  std::span<const std::string_view> pieces;  // None of them empty.
  std::size_t size = 0;                      // Of all pieces together.

  std::string joined() const;
};

// Collects edits of one document. Values must be of that document, whose reader must parse nothing
// else before compose(). Of two edits of the same place the last one wins, those of members
// counting as last; edits inside of a place that is replaced or erased go with it.
class Editor {
 public:
  // The arena keeps the pieces and their new texts; the old ones stay in the source.
  Editor(std::string_view source, Arena& arena) : source_(source), arena_(arena) {}
  Editor(const Editor&) = delete;
  Editor& operator=(const Editor&) = delete;

  bool empty() const { return edits_.size == 0 && member_edits_.size == 0; }

  // `span` is a part of the source.
  void replace(std::string_view span, std::string_view text);
  void replace(const Value& value, std::string_view raw_json) { replace(value.raw(), raw_json); }
  void insert(std::size_t offset, std::string_view text);

  // Afterwards the object has exactly one member of that name: in the old place, or as its first.
  // The key is written as it is, so it must need no escapes.
  void set_member(const Value& object, std::string_view key, std::string_view raw_json);
  // Afterwards the object has none.
  void erase_member(const Value& object, std::string_view key);

  Edited compose();

 private:
  struct Edit {
    std::size_t begin;
    std::size_t end;
    std::string_view text;
    std::size_t order = 0;  // Of the calls.

    bool inserts() const { return begin == end; }
  };
  struct MemberEdit {
    Value object;
    std::string_view key;
    std::string_view raw_json;  // Empty: erase it.
    std::size_t order = 0;
    std::size_t place = 0;  // Offset of the first key of that name; 0 (never a key's): none.
  };
  // A list that grows within the arena.
  template <class T>
  struct List {
    T* items = nullptr;
    std::size_t size = 0;
    std::size_t capacity = 0;

    std::span<T> all() const { return {items, size}; }
    void add(Arena& arena, T item);
  };

  static bool stands_before(const Edit& one, const Edit& other);
  void compose_members(const Value& object, std::span<MemberEdit> edits);
  void add_new_members(const Value& object, std::span<MemberEdit> edits, bool others_stay);

  std::string_view source_;
  Arena& arena_;
  List<Edit> edits_;
  List<MemberEdit> member_edits_;
};

}  // namespace sluice::json
