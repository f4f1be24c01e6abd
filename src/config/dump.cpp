#include "config/describe.h"
#include "config/tables.h"

#include <string>
#include <string_view>

namespace sluice::config {
namespace {

// Whether ${ is read as a reference: in values, not in keys.
enum class References { Read, Literal };

// In double quotes, so that it is text whatever it looks like and means the same when read again.
void append_quoted(std::string& out, std::string_view text, References references) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += '"';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += "\\x";
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[c & 15];
    } else {
      if (references == References::Read && text.substr(i, 2) == "${") out += '$';
      out += c;
    }
  }
  out += '"';
}

bool is_plain_key(std::string_view key) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz_-";
  return !key.empty() && key.find_first_not_of(kLetters) == std::string_view::npos &&
         key.front() != '-' && key != "null";
}

void append_key(std::string& out, std::string_view key) {
  if (is_plain_key(key)) {
    out += key;
  } else {
    append_quoted(out, key, References::Literal);
  }
}

bool is_scalar(const Shown& shown) {
  return shown.kind == Shown::Kind::Plain || shown.kind == Shown::Kind::Text;
}

void append_inline(std::string& out, const Shown& shown) {
  if (shown.kind == Shown::Kind::Plain) {
    out += shown.text;
  } else if (shown.kind == Shown::Kind::Text) {
    append_quoted(out, shown.text, References::Read);
  } else {
    out += shown.kind == Shown::Kind::Map ? "{}" : "[]";
  }
}

// Behind the dash of a list's item the first line goes on.
enum class FirstLine { New, GoesOn };

void append_block(std::string& out, const Shown& shown, std::size_t depth, FirstLine first) {
  const bool is_list = shown.kind == Shown::Kind::List;
  for (const Shown& item : shown.items) {
    if (first == FirstLine::New || &item != &shown.items.front()) out.append(2 * depth, ' ');
    if (is_list) {
      out += "-";
    } else {
      append_key(out, item.key);
      out += ":";
    }
    if (is_scalar(item) || item.items.empty()) {
      out += " ";
      append_inline(out, item);
      out += "\n";
    } else {
      out += is_list ? " " : "\n";
      append_block(out, item, depth + 1, is_list ? FirstLine::GoesOn : FirstLine::New);
    }
  }
}

}  // namespace

std::string to_yaml(const Config& config, Secrets secrets) {
  std::string out;
  append_block(out, kConfigSection.show_value(config, secrets), 0, FirstLine::New);
  return out;
}

}  // namespace sluice::config
