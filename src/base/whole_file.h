// Files that are there in whole or not at all.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::base {

// Nothing: there is none. The error is the system's.
std::expected<std::optional<std::string>, std::string> read_whole(const std::string& path);

// Whatever happens, the path holds the old contents or the new. Only the owner may read them.
std::expected<void, std::string> write_whole(const std::string& path, std::string_view text);

}  // namespace sluice::base
