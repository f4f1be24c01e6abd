#include "base/json.h"
#include "base/json_index.h"
#include "base/text.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <new>
#include <vector>

namespace sluice::json {
namespace {

using Scanner = simdjson::internal::dom_parser_implementation;

constexpr std::size_t kSmallest = 16 * 1024;
constexpr std::size_t kKept = 1024 * 1024;
// Twice that is the next power of two, and more than simdjson's offsets of 32 bits can say.
constexpr std::size_t kLargest = std::size_t{1} << 31;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The scanner says that something is wrong but not where: look again, slowly.
std::size_t first_bad_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto length = text::utf8_sequence(text, at);
    if (length == 0) break;
    at += length;
  }
  return at;
}

struct BadString {
  std::size_t opened;             // Where the last string began.
  std::size_t control_character;  // The first one in a string, or the text's end.
};

BadString find_bad_string(std::string_view text) {
  bool inside = false;
  std::size_t opened = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char letter = text[at];
    if (letter == '\\') {
      ++at;
    } else if (letter == '"') {
      inside = !inside;
      if (inside) opened = at;
    } else if (inside && static_cast<unsigned char>(letter) < 0x20) {
      return {opened, at};
    }
  }
  return {opened, text.size()};
}

std::unexpected<Failure> explain(simdjson::error_code error, std::string_view text) {
  switch (error) {
    case simdjson::EMPTY:
      return invalid_json("it is empty", 0);
    case simdjson::UTF8_ERROR:
      return invalid_json("it is not valid UTF-8", first_bad_utf8(text));
    case simdjson::UNESCAPED_CHARS:
      return invalid_json("a string holds an unescaped control character",
                          find_bad_string(text).control_character);
    case simdjson::UNCLOSED_STRING:
      return invalid_json("a string is not closed", find_bad_string(text).opened);
    default:
      return invalid_json("it could not be scanned", 0);
  }
}

}  // namespace

struct Reader::Impl {
  std::unique_ptr<Scanner> scanner;
  std::unique_ptr<std::uint32_t[]> closes;
  std::size_t closes_size = 0;
  std::vector<std::uint32_t> open;
  Index index;

  // Room for a text of that size; what an unusually large one needed goes when it has gone.
  bool make_room(std::size_t size) {
    if (scanner && scanner->capacity() >= size && (scanner->capacity() <= kKept || size > kKept)) {
      return true;
    }
    const auto capacity = std::max(kSmallest, std::bit_ceil(size));
    closes.reset();
    closes_size = 0;
    if (scanner) return scanner->set_capacity(capacity) == simdjson::SUCCESS;
    // The depth is that of simdjson's own second stage, which is not used.
    return simdjson::get_active_implementation()->create_dom_parser_implementation(
               capacity, 1, scanner) == simdjson::SUCCESS;
  }

  void make_room_for_closes(std::size_t count) {
    if (count <= closes_size) return;
    closes_size = std::max(kSmallest / 8, std::bit_ceil(count));
    closes = std::make_unique_for_overwrite<std::uint32_t[]>(closes_size);
  }
};

Reader::Reader() : impl_(std::make_unique<Impl>()) {}
Reader::~Reader() = default;

Result<Value> Reader::parse(std::string_view text, const Limits& limits) {
  auto& [scanner, closes, closes_size, open, index] = *impl_;
  if (text.starts_with(kByteOrderMark)) return invalid_json("it begins with a byte order mark", 0);
  if (text.empty()) return explain(simdjson::EMPTY, text);
  if (text.size() > kLargest) {
    return fail(ErrorKind::TooLarge, "request_too_large",
                "The body is too large to be read as JSON.");
  }
  if (!impl_->make_room(text.size())) throw std::bad_alloc();

  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto error = scanner->stage1(bytes, text.size(), simdjson::stage1_mode::regular);
  if (error != simdjson::SUCCESS) return explain(error, text);

  impl_->make_room_for_closes(scanner->n_structural_indexes);
  index = {text, scanner->structural_indexes.get(), closes.get(), scanner->n_structural_indexes};
  TRY_VOID(walk(index, limits, open));
  return Value(index, 0);
}

}  // namespace sluice::json
