#include "base/scrub.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace sluice::log {
namespace {

constexpr std::string_view kRedacted = "[redacted]";
// A shorter secret is no secret, and to take it out would eat ordinary words.
constexpr std::size_t kShortestSecret = 4;

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (text::lower(c) >= 'a' && text::lower(c) <= 'z');
}

bool in_token(char c) {
  return is_alnum(c) || std::string_view("-_.~+/=").contains(c);
}

std::size_t token_end(std::string_view text, std::size_t from) {
  while (from < text.size() && in_token(text[from])) ++from;
  return from;
}

bool begins(std::string_view text, std::size_t at, std::string_view lower_case) {
  return text::iequals(text.substr(at, lower_case.size()), lower_case);
}

// What to take out.
struct Found {
  std::size_t begin = std::string_view::npos;
  std::size_t end = 0;

  explicit operator bool() const { return begin != std::string_view::npos; }
};

// PREFIX and at least eight more, at the start of a word.
Found find_key(std::string_view text, std::size_t at) {
  constexpr std::array<std::string_view, 12> kPrefixes = {"sk-",    "sk_",   "AIza",  "gsk_",
                                                          "xai-",   "pplx-", "AKIA",  "ASIA",
                                                          "nvapi-", "hf_",   "ya29.", "eyJ"};
  constexpr std::size_t kFewest = 8;
  if (at > 0 && is_alnum(text[at - 1])) return {};
  for (const auto prefix : kPrefixes) {
    if (!text.substr(at).starts_with(prefix)) continue;
    const auto end = token_end(text, at + prefix.size());
    if (end - at >= prefix.size() + kFewest) return {at, end};
  }
  return {};
}

// Bearer TOKEN, Basic TOKEN
Found find_credential(std::string_view text, std::size_t at) {
  struct Scheme {
    std::string_view name;
    std::size_t fewest;  // "a bearer of" and "basic authentication" are prose.
  };
  if (at > 0 && is_alnum(text[at - 1])) return {};
  for (const auto& [name, fewest] : {Scheme{"bearer", 8}, Scheme{"basic", 16}}) {
    if (!begins(text, at, name)) continue;
    const auto begin = std::min(text.find_first_not_of(' ', at + name.size()), text.size());
    const auto end = token_end(text, begin);
    if (begin > at + name.size() && end - begin >= fewest) return {begin, end};
  }
  return {};
}

// key=VALUE, api-key: VALUE, "api_key": "VALUE"
Found find_named(std::string_view text, std::size_t at) {
  constexpr std::array<std::string_view, 4> kNames = {"api-key", "api_key", "apikey", "key"};
  const auto* name = std::ranges::find_if(kNames, [&](auto n) { return begins(text, at, n); });
  if (name == kNames.end()) return {};
  const auto sign = text.find_first_not_of("\"\\ ", at + name->size());
  if (sign == std::string_view::npos) return {};
  // "the key: value" may be prose, "api_key: value" is not.
  if (text[sign] != '=' && (text[sign] != ':' || *name == "key")) return {};
  const auto begin = text.find_first_not_of("\"\\' ", sign + 1);
  if (begin == std::string_view::npos || text.substr(begin).starts_with(kRedacted)) return {};
  const auto end = std::min(text.find_first_of("&\"'\\<>,;)}] \t\r\n", begin), text.size());
  return end > begin ? Found{begin, end} : Found{};
}

std::string without(std::string text, std::string_view secret) {
  if (secret.size() < kShortestSecret) return text;
  for (auto at = text.find(secret); at != std::string::npos;
       at = text.find(secret, at + kRedacted.size())) {
    text.replace(at, secret.size(), kRedacted);
  }
  return text;
}

Found find_at(std::string_view text, std::size_t at) {
  if (const auto found = find_key(text, at)) return found;
  switch (text::lower(text[at])) {
    case 'b':
      return find_credential(text, at);
    case 'a':
    case 'k':
      return find_named(text, at);
    default:
      return {};
  }
}

}  // namespace

std::string scrub(std::string_view text, std::span<const std::string> secrets) {
  // The longest first: one secret may be the beginning of another.
  std::vector<std::string_view> ordered(secrets.begin(), secrets.end());
  std::ranges::sort(ordered, std::ranges::greater{}, &std::string_view::size);
  std::string known(text);
  for (const auto secret : ordered) known = without(std::move(known), secret);

  std::string clean;
  std::size_t kept = 0;
  for (std::size_t at = 0; at < known.size(); ++at) {
    const auto found = find_at(known, at);
    if (!found) continue;
    clean.append(known, kept, found.begin - kept).append(kRedacted);
    kept = found.end;
    at = kept - 1;
  }
  return clean.append(known, kept);
}

}  // namespace sluice::log
