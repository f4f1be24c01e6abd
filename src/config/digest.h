// SHA-256.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace sluice::config {

using Digest = std::array<unsigned char, 32>;

Digest sha256(std::string_view text);
std::string to_hex(const Digest& digest);

}  // namespace sluice::config
