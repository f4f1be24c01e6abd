#include "providers/simulator/base64.h"

#include <cstddef>
#include <cstdint>

namespace sluice::providers::simulator {

void append_base64(std::string& out, std::string_view bytes) {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  auto byte = [bytes](std::size_t at) -> std::uint32_t {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
  };
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto group = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
    out += kLetters[group >> 18];
    out += kLetters[group >> 12 & 63];
    out += at + 1 < bytes.size() ? kLetters[group >> 6 & 63] : '=';
    out += at + 2 < bytes.size() ? kLetters[group & 63] : '=';
  }
}

}  // namespace sluice::providers::simulator
