#include "ledger/tokens_utf8.h"

#include "base/text.h"

#include <algorithm>
#include <cstddef>

namespace sluice::ledger {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Bytes of the ill-formed part that begins at `at`.
std::size_t ill_formed_part(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t index) {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
  };
  const auto lead = byte(at);
  if (lead < 0xC2 || lead > 0xF4) return 1;
  unsigned least = 0x80;
  unsigned most = 0xBF;
  if (lead == 0xE0) least = 0xA0;
  if (lead == 0xED) most = 0x9F;
  if (lead == 0xF0) least = 0x90;
  if (lead == 0xF4) most = 0x8F;
  if (byte(at + 1) < least || byte(at + 1) > most) return 1;
  // The sequence is not whole: of three bytes two are here, of four two or three.
  const bool third = lead >= 0xF0 && byte(at + 2) >= 0x80 && byte(at + 2) <= 0xBF;
  return third ? 3 : 2;
}

}  // namespace

std::string_view well_formed(std::string_view text, std::string& kept) {
  if (text::is_utf8(text)) return text;
  kept.clear();
  for (std::size_t at = 0; at < text.size();) {
    if (const auto length = text::utf8_sequence(text, at); length != 0) {
      kept += text.substr(at, length);
      at += length;
    } else {
      kept += kReplacement;
      at += ill_formed_part(text, at);
    }
  }
  return kept;
}

}  // namespace sluice::ledger
