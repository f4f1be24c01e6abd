#include "dialect/openai_realtime.h"

#include "dialect/openai_usage.h"

#include <algorithm>

namespace sluice::dialect {
namespace {

constexpr std::string_view kDone = "response.done";

int hex(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

bool is_plain(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || std::string_view("-._~").contains(byte);
}

// The raw value of a parameter; nothing when it is absent or there twice.
std::optional<std::string_view> parameter(std::string_view target, std::string_view name) {
  std::string_view rest = target.substr(std::min(target.find('?'), target.size()));
  std::optional<std::string_view> found;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(pair.size());
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) != name) continue;
    if (found) return std::nullopt;
    found = pair.substr(std::min(equals + 1, pair.size()));
  }
  return found;
}

std::string_view escape(std::string_view text, Arena& arena) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const std::span<char> room = arena.array<char>(3 * text.size() + 1);
  std::size_t size = 0;
  for (const char byte : text) {
    if (is_plain(byte)) {
      room[size++] = byte;
      continue;
    }
    const auto value = static_cast<unsigned char>(byte);
    room[size++] = '%';
    room[size++] = digits[value >> 4];
    room[size++] = digits[value & 15];
  }
  return {room.data(), size};
}

}  // namespace

std::optional<std::string_view> realtime_model(std::string_view target, Arena& arena) {
  const auto raw = parameter(target, "model");
  if (!raw || raw->empty()) return std::nullopt;
  const std::span<char> room = arena.array<char>(raw->size());
  std::size_t size = 0;
  for (std::size_t i = 0; i < raw->size(); ++i) {
    char byte = (*raw)[i];
    if (byte == '%') {
      const int high = i + 2 < raw->size() ? hex((*raw)[i + 1]) : -1;
      const int low = i + 2 < raw->size() ? hex((*raw)[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      byte = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (!is_plain(byte) && !std::string_view(":@/").contains(byte)) return std::nullopt;
    room[size++] = byte;
  }
  return std::string_view(room.data(), size);
}

std::string_view realtime_path(std::string_view target, std::string_view model, Arena& arena) {
  const std::string_view path = arena.join("/realtime?model=", escape(model, arena));
  const auto intent = parameter(target, "intent");
  if (!intent || !std::ranges::all_of(*intent, is_plain)) return path;
  return arena.join(path, "&intent=", *intent);
}

std::optional<Usage> realtime_usage(std::string_view event, json::Reader& reader) {
  // Most events are pieces of audio: they need not be parsed.
  if (!event.contains(kDone)) return std::nullopt;
  const auto root = reader.parse(event);
  if (!root) return std::nullopt;
  const auto type = root->find("type");
  if (!type || !(*type == kDone)) return std::nullopt;
  const auto response = root->find("response");
  const auto usage = response ? response->find("usage") : std::nullopt;
  if (!usage || usage->kind() != json::Kind::Object) return std::nullopt;
  return read_openai_usage(*usage);
}

}  // namespace sluice::dialect
