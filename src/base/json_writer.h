// Writes JSON. Whatever text comes in, what goes out is valid: see append_escaped().
#pragma once

#include "sluice/arena.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace sluice::json {

// Appends what stands between the quotes of a string; malformed UTF-8 becomes U+FFFD.
void append_escaped(std::string& out, std::string_view text);

// The text as a JSON string, quotes and all.
std::string_view quoted(std::string_view text, Arena& arena);

// Puts the commas itself; that keys and values alternate and brackets match is up to the caller.
class Writer {
 public:
  // Appends to `out`.
  explicit Writer(std::string& out) : out_(&out) {}
  // Grows within the arena; text() is what was written.
  explicit Writer(Arena& arena) : arena_(&arena) {}

  Writer& begin_object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& begin_array() { return open('['); }
  Writer& end_array() { return close(']'); }
  Writer& key(std::string_view name);

  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(const std::string& text) { return value(std::string_view(text)); }
  template <class T>
    requires(std::same_as<T, bool>)
  Writer& value(T yes) {
    return raw(yes ? "true" : "false");
  }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Writer& value(T number) {
    if constexpr (std::is_signed_v<T>) return signed_number(number);
    return unsigned_number(number);
  }
  Writer& value(double number);  // What JSON has no word for (NaN, infinity) becomes null.
  Writer& null() { return raw("null"); }
  Writer& raw(std::string_view json);  // A value that is JSON already.

  template <class T>
  Writer& member(std::string_view name, const T& its_value) {
    return key(name).value(its_value);
  }

  std::string_view text() const;

 private:
  Writer& open(char bracket);
  Writer& close(char bracket);
  Writer& signed_number(std::int64_t number);
  Writer& unsigned_number(std::uint64_t number);
  void separate();
  void append_string(std::string_view contents);
  void append(std::string_view piece);
  void reserve(std::size_t more);

  std::string* out_ = nullptr;
  Arena* arena_ = nullptr;
  char* begin_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  bool follows_value_ = false;
};

}  // namespace sluice::json
