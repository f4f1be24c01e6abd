#include "providers/common/error_message.h"

namespace sluice::providers {

std::string read_error_message(std::string_view body, json::Reader& reader) {
  const auto root = reader.parse(body);
  if (!root) return {};
  Arena arena;
  for (const std::string_view name : {"message", "Message", "error"}) {
    const auto value = root->find(name);
    const auto text = value ? value->string(arena) : std::nullopt;
    if (text) return std::string(*text);
  }
  return {};
}

}  // namespace sluice::providers
