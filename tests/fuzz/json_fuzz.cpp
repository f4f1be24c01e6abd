// The reader never crashes, accepts in strict mode exactly what another parser accepts, and edits
// make the change that was wanted and no other.
#include "base/json.h"
#include "base/json_editor.h"
#include "base/json_writer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::json {
namespace {

constexpr std::uint32_t kDepth = 128;

void require(bool holds) {
  if (!holds) std::abort();
}

// Not deeper than the limit? Quotes and escapes are looked at as the grammar does.
bool is_shallow(std::string_view text) {
  std::size_t depth = 0;
  bool inside = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char letter = text[at];
    if (letter == '"') inside = !inside;
    if (inside && letter == '\\') ++at;
    if (inside) continue;
    if (letter == '[' || letter == '{') ++depth;
    if (letter == ']' || letter == '}') --depth;
    if (depth > kDepth) return false;
  }
  return true;
}

// It takes 1e400 for an error, which is none of the grammar: so let it only look.
bool other_parser_accepts(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF") || text.find('\0') != std::string_view::npos) return false;
  struct Listener : nlohmann::json::json_sax_t {
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(std::int64_t) override { return true; }
    bool number_unsigned(std::uint64_t) override { return true; }
    bool number_float(double, const std::string&) override { return true; }
    bool string(std::string&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool key(std::string&) override { return true; }
    bool parse_error(std::size_t, const std::string&,
                     const nlohmann::detail::exception& error) override {
      out_of_range = error.id == 406;
      return false;
    }
    bool out_of_range = false;
  } listener;
  return nlohmann::json::sax_parse(text, &listener) || listener.out_of_range;
}

bool has_huge_number(std::string_view text) {
  // An exponent of three digits or very many digits: there the other parser stops early.
  std::size_t digits = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    digits = text[at] >= '0' && text[at] <= '9' ? digits + 1 : 0;
    if (digits >= 3) return true;
  }
  return false;
}

// Reads everything there is; returns how many values that were.
std::size_t read_all(const Value& value, Arena& arena) {
  std::size_t count = 1;
  require(!value.raw().empty());
  (void)value.boolean();
  (void)value.number();
  if (value.integer()) require(value.number().has_value());
  if (const auto text = value.string(arena)) require(value == *text);
  for (const auto [key, member] : value.members()) {
    const auto name = key.string(arena);
    if (name) require(value.find(*name).has_value());
    count += read_all(member, arena);
  }
  for (const auto element : value.elements()) count += read_all(element, arena);
  return count;
}

// Replaces, erases and keeps members in turn and adds one.
void edit_members(Editor& editor, const Value& object, Arena& arena) {
  std::size_t number = 0;
  for (const auto [key, value] : object.members()) {
    if (number % 3 == 0) editor.replace(value, "[0]");
    if (number % 3 == 1) editor.erase_member(object, *key.string(arena));
    ++number;
  }
  editor.set_member(object, "sluice", "{}");
}

void require_edited(const Value& before, const Value& after, Arena& arena) {
  require(after.find("sluice") && after.find("sluice")->raw() == "{}");
  std::size_t number = 0;
  for (const auto [key, value] : before.members()) {
    const auto name = *key.string(arena);
    if (number++ % 3 == 1 && name != "sluice") require(!after.find(name));
  }
}

void check_edits(std::string_view text, const Value& root) {
  Arena arena;
  Editor editor(text, arena);
  if (root.kind() == Kind::Object) edit_members(editor, root, arena);
  for (const auto element : root.elements()) {
    if (element.kind() == Kind::Object) edit_members(editor, element, arena);
  }

  const auto whole = editor.compose().joined();
  Reader reader;
  const auto after = reader.parse(whole, {.strict_up_to = SIZE_MAX});
  require(after.has_value());
  if (root.kind() == Kind::Object) return require_edited(root, *after, arena);
  auto edited = after->elements().begin();
  for (const auto element : root.elements()) {
    require(edited != std::default_sentinel);
    const auto now = *edited;
    ++edited;
    if (element.kind() == Kind::Object) require_edited(element, now, arena);
    if (element.kind() != Kind::Object) require(element.raw() == now.raw());
  }
  require(edited == std::default_sentinel);
}

void check(std::string_view text) {
  static Reader reader;
  Arena arena;
  if (auto lax = reader.parse(text, {.depth = kDepth, .strict_up_to = 0})) read_all(*lax, arena);

  const auto strict = reader.parse(text, {.depth = kDepth, .strict_up_to = SIZE_MAX});
  if (strict) {
    read_all(*strict, arena);
    check_edits(text, *strict);
    require(other_parser_accepts(text));
  } else if (is_shallow(text) && !has_huge_number(text)) {
    require(!other_parser_accepts(text));
  }

  const auto written = quoted(text, arena);
  Reader again;
  require(again.parse(written, {.strict_up_to = SIZE_MAX}).has_value());
}

}  // namespace
}  // namespace sluice::json

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The copy has no byte too many, so that reading behind the text is seen.
  const std::unique_ptr<char[]> copy(new char[size]);
  std::copy_n(data, size, copy.get());
  sluice::json::check({copy.get(), size});
  return 0;
}
