#include "server/caller.h"

#include "base/text.h"
#include "net/http1/grammar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace sluice::server {
namespace {

using net::http1::HeaderField;
using net::http1::HeaderId;
using net::http1::HeaderTable;

constexpr std::size_t kLongestId = 128;
constexpr std::size_t kLongestUser = 256;
constexpr std::size_t kMostTags = 16;
constexpr std::size_t kLongestTagName = 64;
constexpr std::size_t kLongestTagValue = 256;

// Eight digits at once, as they lie in memory: one to a byte, then from 0…15 to '0'…'f'.
std::uint64_t hex_digits(std::uint64_t bits) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  bits = (bits | bits << 16) & 0x0000ffff0000ffffU;
  bits = (bits | bits << 8) & 0x00ff00ff00ff00ffU;
  bits = (bits | bits << 4) & 0x0f0f0f0f0f0f0f0fU;
  const std::uint64_t letters = (bits + kOnes * 6) >> 4 & kOnes;
  return bits + kOnes * '0' + letters * ('a' - '0' - 10);
}

bool is_sane_id(std::string_view id, std::size_t longest) {
  if (id.empty() || id.size() > longest) return false;
  return std::ranges::all_of(id, [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.';
  });
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char byte) { return byte >= ' ' && byte <= '~'; });
}

std::unexpected<Failure> refused(std::string_view message) {
  return fail(ErrorKind::InvalidRequest, "invalid_request", std::string(message));
}

// The number at the beginning, and what stands behind it.
std::optional<double> number_before(std::string_view text, std::string_view& rest) {
  double value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  rest = {end, last};
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<Duration> sane_timeout(double seconds) {
  if (!(seconds > 0 && seconds < 86'400)) return std::nullopt;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

std::optional<Field> tag_of(std::string_view text) {
  const std::size_t sign = text.find('=');
  if (sign == std::string_view::npos) return std::nullopt;
  const Field tag{text::trim(text.substr(0, sign)), text::trim(text.substr(sign + 1))};
  if (!is_sane_id(tag.name, kLongestTagName) || tag.value.size() > kLongestTagValue ||
      !is_printable(tag.value)) {
    return std::nullopt;
  }
  return tag;
}

std::string_view bearer(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (!text::iequals(authorization.substr(0, scheme.size()), scheme)) return {};
  return text::trim(authorization.substr(scheme.size()));
}

std::string_view query_key(std::string_view target) {
  std::size_t at = target.find('?');
  while (at != std::string_view::npos) {
    std::string_view rest = target.substr(at + 1);
    const std::size_t end = rest.find('&');
    std::string_view pair = rest.substr(0, end);
    if (pair.starts_with("key=")) return pair.substr(4);
    at = end == std::string_view::npos ? end : at + 1 + end;
  }
  return {};
}

// A browser's WebSocket cannot set headers, so its key rides in the sub-protocol.
std::string_view websocket_key(const HeaderTable& fields) {
  constexpr std::string_view prefix = "openai-insecure-api-key.";
  std::string_view list = fields.value(HeaderId::SecWebSocketProtocol);
  while (!list.empty()) {
    const std::string_view element = net::http1::next_element(list);
    if (element.starts_with(prefix)) return element.substr(prefix.size());
  }
  return {};
}

bool always_forwarded(HeaderId id) {
  switch (id) {
    case HeaderId::Accept:
    case HeaderId::OpenaiBeta:
    case HeaderId::AnthropicVersion:
    case HeaderId::AnthropicBeta:
    case HeaderId::HttpReferer:
    case HeaderId::XTitle:
    case HeaderId::IdempotencyKey:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string_view presented_credential(const net::http1::RequestHead& head) {
  const HeaderTable& fields = head.fields;
  if (const auto authorization = fields.find(HeaderId::Authorization)) {
    if (const auto token = bearer(*authorization); !token.empty()) return token;
  }
  for (const HeaderId id : {HeaderId::XApiKey, HeaderId::ApiKey, HeaderId::XGoogApiKey}) {
    if (const auto key = fields.find(id); key && !key->empty()) return *key;
  }
  if (const auto key = query_key(head.target); !key.empty()) return key;
  return websocket_key(fields);
}

std::string_view request_id(const HeaderTable& fields, Random& random, Arena& arena) {
  if (const auto theirs = fields.find(HeaderId::XRequestId);
      theirs && is_sane_id(*theirs, kLongestId)) {
    return arena.keep(*theirs);
  }
  constexpr std::string_view prefix = "req_";
  std::span<char> id = arena.array<char>(prefix.size() + 24);
  char* at = std::ranges::copy(prefix, id.data()).out;
  for (int word = 0; word < 3; ++word, at += 8) {
    const std::uint64_t digits = hex_digits(static_cast<std::uint32_t>(random.next()));
    std::memcpy(at, &digits, sizeof digits);
  }
  return {id.data(), id.size()};
}

Result<std::optional<Duration>> asked_timeout(const HeaderTable& fields) {
  const auto theirs = fields.find(HeaderId::XSluiceTimeout);
  if (!theirs) return std::nullopt;

  std::string_view unit;
  const auto value = number_before(*theirs, unit);
  const double scale = unit == "ms" ? 0.001 : unit == "m" ? 60 : 1;
  const bool known_unit = unit.empty() || unit == "s" || unit == "ms" || unit == "m";
  if (value && known_unit) {
    if (const auto timeout = sane_timeout(*value * scale)) return timeout;
  }
  return refused("x-sluice-timeout must be seconds or a duration such as 500ms, 30s or 2m.");
}

std::optional<Duration> sdk_timeout(const HeaderTable& fields, bool stream) {
  const auto seconds = [&](HeaderId id) -> std::optional<Duration> {
    const auto text = fields.find(id);
    if (!text) return std::nullopt;
    std::string_view rest;
    const auto value = number_before(*text, rest);
    return value && rest.empty() ? sane_timeout(*value) : std::nullopt;
  };
  // x-stainless-read-timeout is none: it bounds the silence between two reads.
  const auto server = seconds(HeaderId::XServerTimeout);
  const auto stainless = stream ? std::nullopt : seconds(HeaderId::XStainlessTimeout);
  if (!server || !stainless) return server ? server : stainless;
  return std::min(*server, *stainless);
}

Result<std::string_view> asked_user(const HeaderTable& fields, Arena& arena) {
  const std::string_view user = fields.value(HeaderId::XSluiceUser);
  if (user.size() > kLongestUser || !is_printable(user)) {
    return refused("x-sluice-user must be up to 256 printable characters.");
  }
  return arena.keep(user);
}

Result<std::span<const Field>> asked_tags(const HeaderTable& fields, Arena& arena) {
  if (!fields.has(HeaderId::XSluiceTags)) return std::span<const Field>();
  const std::span<Field> tags = arena.array<Field>(kMostTags);
  std::size_t count = 0;
  for (const HeaderField line : fields) {
    if (line.id != HeaderId::XSluiceTags) continue;
    for (std::string_view list = line.value; !list.empty();) {
      const auto tag = tag_of(text::trim(list.substr(0, list.find(','))));
      list.remove_prefix(std::min(list.find(','), list.size() - 1) + 1);
      if (!tag || count == tags.size()) {
        return refused(
            "x-sluice-tags must be up to 16 of name=value, separated by commas; names of up to 64 "
            "letters, digits, '_', '.' and '-', values of up to 256 printable characters.");
      }
      tags[count++] = {arena.keep(tag->name), arena.keep(tag->value)};
    }
  }
  return tags.first(count);
}

DropPolicy asked_drop(const net::http1::HeaderTable& fields, const DropPolicy& usual,
                      Arena& arena) {
  const std::string_view said = fields.value(HeaderId::XSluiceDrop);
  if (said.empty()) return usual;
  if (said == "none") return {.which = DropPolicy::Which::None};
  if (said == "hints") return {.which = DropPolicy::Which::Hints};
  if (said == "all") return {.which = DropPolicy::Which::All};
  const auto commas = static_cast<std::size_t>(std::ranges::count(said, ','));
  const auto names = arena.array<std::string_view>(commas + 1);
  std::string_view rest = arena.keep(said);
  for (std::string_view& name : names) {
    name = text::trim(rest.substr(0, rest.find(',')));
    rest.remove_prefix(std::min(rest.find(','), rest.size() - 1) + 1);
  }
  return {.which = DropPolicy::Which::Named, .names = names};
}

std::optional<net::IpAddress> caller_address(const net::SocketAddress& peer,
                                             const HeaderTable& fields,
                                             std::span<const config::Network> trusted_proxies) {
  const auto is_trusted = [&](const net::IpAddress& address) {
    return std::ranges::any_of(trusted_proxies, [&](const config::Network& network) {
      return network.contains(address.bytes);
    });
  };
  std::optional<net::IpAddress> address = peer.ip();
  if (!address || !is_trusted(*address)) return address;
  // Some proxies add to the list, others a line of their own behind it.
  for (std::size_t line = fields.size(); line-- > 0;) {
    const HeaderField field = fields[line];
    if (field.id != HeaderId::XForwardedFor) continue;
    for (std::string_view list = field.value; !list.empty();) {
      const std::size_t comma = list.rfind(',');
      const auto hop = net::parse_ip(
          text::trim(comma == std::string_view::npos ? list : list.substr(comma + 1)));
      if (!hop) return address;
      address = hop;
      if (!is_trusted(*hop)) return address;
      list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
    }
  }
  return address;
}

std::span<const Field> account_headers(const HeaderTable& fields, Arena& arena) {
  std::span<Field> kept = arena.array<Field>(2);
  std::size_t count = 0;
  for (const HeaderId id : {HeaderId::OpenaiOrganization, HeaderId::OpenaiProject}) {
    if (const auto value = fields.find(id)) kept[count++] = {net::http1::header_name(id), *value};
  }
  return kept.first(count);
}

std::span<const Field> forwarded_headers(const HeaderTable& fields,
                                         std::span<const std::string> more, Arena& arena) {
  auto passes = [&](const HeaderField& field) {
    if (always_forwarded(field.id)) return true;
    return std::ranges::any_of(
        more, [&](const std::string& name) { return text::iequals(name, field.name); });
  };
  std::span<Field> kept = arena.array<Field>(fields.size());
  std::size_t count = 0;
  for (const HeaderField field : fields) {
    if (!passes(field)) continue;
    // Nominated as hop-by-hop by the caller: meant for us, not for whoever is behind us.
    if (fields.has(HeaderId::Connection) && fields.lists(HeaderId::Connection, field.name))
      continue;
    kept[count++] = {field.name, field.value};
  }
  return kept.first(count);
}

}  // namespace sluice::server
