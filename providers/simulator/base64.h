// Base64 with padding, as JSON carries bytes.
#pragma once

#include <string>
#include <string_view>

namespace sluice::providers::simulator {

void append_base64(std::string& out, std::string_view bytes);

}  // namespace sluice::providers::simulator
