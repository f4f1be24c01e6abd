#include "base/json.h"
#include "base/json_index.h"
#include "base/json_token.h"
#include "base/text.h"

#include <charconv>
#include <cstring>

namespace sluice::json {
namespace {

// \u0061: the longest way to write one byte.
constexpr std::size_t kLongestByte = 6;
constexpr std::size_t kLongestPolicyKey = 64;

bool has_escapes(std::string_view contents) {
  return !contents.empty() && std::memchr(contents.data(), '\\', contents.size());
}

// What a key means if it can be one of those we look for; `scratch` holds it when it is escaped.
// Nothing: too long. Fails when an escape is malformed.
Result<std::string_view> meaning(const Value& key, std::span<char> scratch) {
  const auto quoted = key.raw();
  const auto contents = quoted.substr(1, quoted.size() - 2);
  if (contents.size() > scratch.size() || !has_escapes(contents)) return contents;
  const char* end = unescape(contents, scratch.data());
  if (!end) return invalid_json("a string holds an invalid escape", key.offset());
  return std::string_view(scratch.data(), static_cast<std::size_t>(end - scratch.data()));
}

std::unexpected<Failure> duplicate(std::string_view key) {
  std::string message = "The field \"";
  message.append(key).append("\" stands twice in the body.");
  return fail(ApiError{.kind = ErrorKind::InvalidRequest,
                       .code = "invalid_json",
                       .message = std::move(message),
                       .param = std::string(key)});
}

// Calls seen(i, value) for every member that is keys[i] to the letter.
template <class Seen>
Result<void> for_each_once(const Value& object, std::span<const std::string_view> keys, Seen seen) {
  std::uint64_t met = 0;
  char scratch[kLongestByte * kLongestPolicyKey];
  for (const auto [key, value] : object.members()) {
    TRY(const auto name, meaning(key, scratch));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto wanted = keys[i];
      if (wanted.size() != name.size() || wanted.empty()) continue;
      if (text::lower(wanted.front()) != text::lower(name.front())) continue;
      const bool exact = std::memcmp(wanted.data(), name.data(), name.size()) == 0;
      // Some providers' libraries do not look at the case of a key.
      if (!exact && !text::iequals(wanted, name)) continue;
      const auto bit = std::uint64_t{1} << i;
      if (met & bit) return duplicate(wanted);
      met |= bit;
      if (exact) seen(i, value);
      break;
    }
  }
  return {};
}

}  // namespace

Kind Value::kind() const {
  switch (index_->at(position_)) {
    case '{':
      return Kind::Object;
    case '[':
      return Kind::Array;
    case '"':
      return Kind::String;
    case 't':
    case 'f':
      return Kind::Bool;
    case 'n':
      return Kind::Null;
    default:
      return Kind::Number;
  }
}

std::string_view Value::raw() const {
  if (!index_->opens(position_)) return index_->token(position_);
  const auto begin = offset();
  return index_->text.substr(begin, index_->starts[index_->closes[position_]] + 1 - begin);
}

std::uint32_t Value::offset() const {
  return index_->starts[position_];
}

std::optional<bool> Value::boolean() const {
  const auto token = index_->token(position_);
  if (token == "true") return true;
  if (token == "false") return false;
  return std::nullopt;
}

std::optional<std::int64_t> Value::integer() const {
  const auto token = index_->token(position_);
  std::int64_t result = 0;
  const char* end = token.data() + token.size();
  const auto [stopped, error] = std::from_chars(token.data(), end, result);
  if (error != std::errc() || stopped != end || !is_number(token)) return std::nullopt;
  return result;
}

std::optional<double> Value::number() const {
  const auto token = index_->token(position_);
  if (!is_number(token)) return std::nullopt;
  double result = 0;
  const auto [stopped, error] = std::from_chars(token.data(), token.data() + token.size(), result);
  if (error != std::errc()) return std::nullopt;
  return result;
}

std::optional<std::string_view> Value::plain_string() const {
  if (index_->at(position_) != '"') return std::nullopt;
  const auto contents = index_->contents(position_);
  if (has_escapes(contents)) return std::nullopt;
  return contents;
}

std::optional<std::string_view> Value::string(Arena& arena) const {
  if (index_->at(position_) != '"') return std::nullopt;
  const auto contents = index_->contents(position_);
  if (!has_escapes(contents)) return contents;
  char* begin = arena.array<char>(contents.size()).data();
  const char* end = unescape(contents, begin);
  if (!end) return std::nullopt;
  return std::string_view(begin, static_cast<std::size_t>(end - begin));
}

bool Value::operator==(std::string_view wanted) const {
  if (index_->at(position_) != '"') return false;
  const auto contents = index_->contents(position_);
  // Escapes only ever make it longer, and no more than six times.
  if (contents.size() == wanted.size()) return contents == wanted && !has_escapes(contents);
  if (contents.size() < wanted.size() || contents.size() > kLongestByte * wanted.size()) {
    return false;
  }
  if (!has_escapes(contents)) return false;
  char scratch[512];
  if (contents.size() > sizeof scratch) {
    Arena arena;
    return string(arena) == wanted;
  }
  const char* end = unescape(contents, scratch);
  return end && std::string_view(scratch, static_cast<std::size_t>(end - scratch)) == wanted;
}

Members Value::members() const {
  const bool some = index_->at(position_) == '{' && index_->closes[position_] != position_ + 1;
  return Members(Members::Iterator(*index_, some ? position_ + 1 : 0));
}

Elements Value::elements() const {
  const bool some = index_->at(position_) == '[' && index_->closes[position_] != position_ + 1;
  return Elements(Elements::Iterator(*index_, some ? position_ + 1 : 0));
}

std::optional<Value> Value::find(std::string_view key) const {
  for (const auto [name, value] : members()) {
    if (name == key) return value;
  }
  return std::nullopt;
}

Members::Iterator& Members::Iterator::operator++() {
  const auto next = index_->behind(key_ + 2);
  key_ = index_->at(next) == ',' ? next + 1 : 0;
  return *this;
}

Elements::Iterator& Elements::Iterator::operator++() {
  const auto next = index_->behind(value_);
  value_ = index_->at(next) == ',' ? next + 1 : 0;
  return *this;
}

Result<void> pick(const Value& object, std::span<const std::string_view> keys,
                  std::span<std::optional<Value>> found) {
  return for_each_once(object, keys,
                       [&found](std::size_t i, const Value& value) { found[i] = value; });
}

Result<void> refuse_duplicates(const Value& object, std::span<const std::string_view> policy_keys) {
  return for_each_once(object, policy_keys, [](std::size_t, const Value&) {});
}

}  // namespace sluice::json
