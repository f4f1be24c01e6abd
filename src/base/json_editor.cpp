#include "base/json_editor.h"

#include <algorithm>
#include <memory>
#include <type_traits>

namespace sluice::json {
namespace {

std::size_t begin_of(const Value& value) {
  return value.offset();
}
std::size_t end_of(const Value& value) {
  return value.offset() + value.raw().size();
}

// In the order of the document: an insertion comes before what it is inserted in front of, and what
// encloses other edits comes before them.
template <class Edit>
bool stands_before(const Edit& one, const Edit& other) {
  if (one.begin != other.begin) return one.begin < other.begin;
  const bool inserts = one.begin == one.end;
  const bool other_inserts = other.begin == other.end;
  if (inserts || other_inserts) return inserts && !other_inserts;
  return one.end > other.end;
}

}  // namespace

template <class T>
void Editor::List<T>::add(Arena& arena, const T& item) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (size == capacity) {
    capacity = std::max<std::size_t>(8, 2 * capacity);
    T* larger = arena.array<T>(capacity).data();
    std::uninitialized_copy_n(items, size, larger);
    items = larger;
  }
  std::construct_at(items + size++, item);
}

std::string Edited::joined() const {
  std::string whole;
  whole.reserve(size);
  for (const auto piece : pieces) whole.append(piece);
  return whole;
}

void Editor::replace(std::string_view span, std::string_view text) {
  const auto begin = static_cast<std::size_t>(span.data() - source_.data());
  const Edit wanted{begin, begin + span.size(), arena_.keep(text)};
  for (auto& edit : edits_.all()) {
    if (edit.begin == wanted.begin && edit.end == wanted.end && !span.empty()) {
      edit = wanted;
      return;
    }
  }
  edits_.add(arena_, wanted);
}

void Editor::insert(std::size_t offset, std::string_view text) {
  edits_.add(arena_, {offset, offset, arena_.keep(text)});
}

void Editor::set_member(const Value& object, std::string_view key, std::string_view raw_json) {
  record({.object = object, .key = arena_.keep(key), .raw_json = arena_.keep(raw_json)});
}

void Editor::erase_member(const Value& object, std::string_view key) {
  record({.object = object, .key = arena_.keep(key), .raw_json = {}});
}

void Editor::record(const MemberEdit& wanted) {
  for (auto& edit : member_edits_.all()) {
    if (edit.key == wanted.key && begin_of(edit.object) == begin_of(wanted.object)) {
      edit = wanted;
      return;
    }
  }
  member_edits_.add(arena_, wanted);
}

Editor::MemberEdit* Editor::edit_of(const Member& member, const Value& object) {
  for (auto& edit : member_edits_.all()) {
    if (begin_of(edit.object) == begin_of(object) && member.key == edit.key) return &edit;
  }
  return nullptr;
}

// Turns what is wanted of one object's members into edits. Members at its end go with the comma
// before them, all others with the comma behind them: so any set of members can go.
void Editor::compose_members(const Value& object) {
  std::size_t last_staying = 0;  // Where the key of the last member that stays begins,
  std::size_t tail_begin = 0;    // where that member ends,
  std::size_t tail_end = 0;      // and where the last of all members ends.
  for (const auto member : object.members()) {
    auto* edit = edit_of(member, object);
    const bool first = edit && edit->place == 0;
    if (first) edit->place = begin_of(member.key);
    tail_end = end_of(member.value);
    if (edit && (edit->raw_json.empty() || !first)) {
      if (tail_begin == 0) tail_begin = begin_of(member.key);
      continue;
    }
    last_staying = begin_of(member.key);
    tail_begin = tail_end;
    if (edit) edits_.add(arena_, {begin_of(member.value), tail_end, edit->raw_json});
  }
  if (tail_begin < tail_end) edits_.add(arena_, {tail_begin, tail_end, {}});

  std::size_t going = 0;  // Where a member begins that goes with the comma behind it.
  for (const auto member : object.members()) {
    const auto begin = begin_of(member.key);
    if (going != 0) edits_.add(arena_, {going, begin, {}});
    const auto* edit = edit_of(member, object);
    const bool goes = edit && (edit->raw_json.empty() || edit->place != begin);
    going = goes && begin < last_staying ? begin : 0;
  }
  add_new_members(object, last_staying != 0);
}

void Editor::add_new_members(const Value& object, bool others_stay) {
  const auto offset = begin_of(object) + 1;
  std::string_view separator;
  for (auto& edit : member_edits_.all()) {
    if (begin_of(edit.object) != begin_of(object)) continue;
    edit.composed = true;
    if (edit.raw_json.empty() || edit.place != 0) continue;
    edits_.add(arena_,
               {offset, offset, arena_.join(separator, "\"", edit.key, "\":", edit.raw_json)});
    separator = ",";
  }
  if (!separator.empty() && others_stay) edits_.add(arena_, {offset, offset, ","});
}

Edited Editor::compose() {
  for (auto& edit : member_edits_.all()) {
    if (!edit.composed) compose_members(edit.object);
  }
  // Insertion sort: it is stable, needs no memory, and edits are few and mostly in order.
  const auto edits = edits_.all();
  for (auto edit = edits.begin(); edit != edits.end(); ++edit) {
    std::rotate(std::upper_bound(edits.begin(), edit, *edit, stands_before<Edit>), edit, edit + 1);
  }

  const auto pieces = arena_.array<std::string_view>(2 * edits.size() + 1);
  std::size_t count = 0;
  std::size_t size = 0;
  const auto add = [&](std::string_view piece) {
    if (piece.empty()) return;
    std::construct_at(&pieces[count++], piece);
    size += piece.size();
  };
  std::size_t done = 0;
  for (const auto& edit : edits) {
    if (edit.begin < done) continue;  // Inside of one that was replaced or erased.
    add(source_.substr(done, edit.begin - done));
    add(edit.text);
    done = edit.end;
  }
  add(source_.substr(done));
  return {pieces.first(count), size};
}

}  // namespace sluice::json
