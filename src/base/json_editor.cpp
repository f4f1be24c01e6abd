#include "base/json_editor.h"

#include <algorithm>
#include <memory>
#include <type_traits>
#include <utility>

namespace sluice::json {
namespace {

std::size_t begin_of(const Value& value) {
  return value.offset();
}
std::size_t end_of(const Value& value) {
  return value.offset() + value.raw().size();
}

// The last word on the members that `says_so` is true of; null when there is none.
template <class MemberEdit, class Predicate>
MemberEdit* last_edit(std::span<MemberEdit> edits, Predicate says_so) {
  for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
    if (says_so(*edit)) return &*edit;
  }
  return nullptr;
}

template <class MemberEdit>
MemberEdit* edit_of(const Value& key, std::span<MemberEdit> edits) {
  return last_edit(edits, [&key](const MemberEdit& edit) { return key == edit.key; });
}

}  // namespace

template <class T>
void Editor::List<T>::add(Arena& arena, T item) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (size == capacity) {
    capacity = std::max<std::size_t>(8, 2 * capacity);
    T* larger = arena.array<T>(capacity).data();
    std::uninitialized_copy_n(items, size, larger);
    items = larger;
  }
  item.order = size;
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
  edits_.add(arena_, {begin, begin + span.size(), arena_.keep(text)});
}

void Editor::insert(std::size_t offset, std::string_view text) {
  edits_.add(arena_, {offset, offset, arena_.keep(text)});
}

void Editor::set_member(const Value& object, std::string_view key, std::string_view raw_json) {
  member_edits_.add(arena_, {object, arena_.keep(key), arena_.keep(raw_json)});
}

void Editor::erase_member(const Value& object, std::string_view key) {
  member_edits_.add(arena_, {object, arena_.keep(key), {}});
}

// In the order of the document: an insertion comes before what it is inserted in front of, what
// encloses other edits comes before them, and of two edits of the same place the later one.
bool Editor::stands_before(const Edit& one, const Edit& other) {
  if (one.begin != other.begin) return one.begin < other.begin;
  if (one.inserts() != other.inserts()) return one.inserts();
  if (one.inserts()) return one.order < other.order;
  if (one.end != other.end) return one.end > other.end;
  return one.order > other.order;
}

// Turns what is wanted of one object's members into edits. Members at its end go with the comma
// before them, all others with the comma behind them: so any set of members can go.
void Editor::compose_members(const Value& object, std::span<MemberEdit> edits) {
  std::size_t last_staying = 0;  // Where the key of the last member that stays begins,
  std::size_t tail_begin = 0;    // where that member ends,
  std::size_t tail_end = 0;      // and where the last of all members ends.
  for (const auto [key, value] : object.members()) {
    auto* edit = edit_of(key, edits);
    const bool first = edit && edit->place == 0;
    if (first) edit->place = begin_of(key);
    tail_end = end_of(value);
    if (edit && (edit->raw_json.empty() || !first)) {
      if (tail_begin == 0) tail_begin = begin_of(key);
      continue;
    }
    last_staying = begin_of(key);
    tail_begin = tail_end;
    if (edit) edits_.add(arena_, {begin_of(value), tail_end, edit->raw_json});
  }
  if (tail_begin < tail_end) edits_.add(arena_, {tail_begin, tail_end, {}});

  std::size_t going = 0;  // Where a member begins that goes with the comma behind it.
  for (const auto [key, value] : object.members()) {
    const auto begin = begin_of(key);
    if (going != 0) edits_.add(arena_, {going, begin, {}});
    const auto* edit = edit_of(key, edits);
    const bool goes = edit && (edit->raw_json.empty() || edit->place != begin);
    going = goes && begin < last_staying ? begin : 0;
  }
  add_new_members(object, edits, last_staying != 0);
}

void Editor::add_new_members(const Value& object, std::span<MemberEdit> edits, bool others_stay) {
  const auto offset = begin_of(object) + 1;
  std::string_view separator;
  for (const auto& edit : edits) {
    const auto* last =
        last_edit(edits, [&edit](const MemberEdit& other) { return other.key == edit.key; });
    if (last != &edit || edit.raw_json.empty() || edit.place != 0) continue;
    edits_.add(arena_,
               {offset, offset, arena_.join(separator, "\"", edit.key, "\":", edit.raw_json)});
    separator = ",";
  }
  if (!separator.empty() && others_stay) edits_.add(arena_, {offset, offset, ","});
}

Edited Editor::compose() {
  // Bodies decide how many edits there are: nothing here may take the square of that.
  const auto of_members = std::exchange(member_edits_, {}).all();
  std::ranges::sort(of_members, {}, [](const MemberEdit& edit) {
    return std::pair(begin_of(edit.object), edit.order);
  });
  for (auto first = of_members.begin(); first != of_members.end();) {
    const auto last = std::find_if(first, of_members.end(), [&first](const MemberEdit& edit) {
      return begin_of(edit.object) != begin_of(first->object);
    });
    compose_members(first->object, {first, last});
    first = last;
  }
  const auto edits = edits_.all();
  std::ranges::sort(edits, stands_before);

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
    if (edit.begin < done) continue;  // Its place went with an earlier one.
    add(source_.substr(done, edit.begin - done));
    add(edit.text);
    done = edit.end;
  }
  add(source_.substr(done));
  return {pieces.first(count), size};
}

}  // namespace sluice::json
