#include "ledger/bpe_ranks.h"

#include <zlib.h>

#include <span>
#include <stdexcept>

namespace sluice::ledger {
namespace {

// Of the next standard of C++; Clang has it from that of C.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr unsigned char kCl100k[] = {
#embed "ranks/cl100k_base.bin"
};
constexpr unsigned char kO200k[] = {
#embed "ranks/o200k_base.bin"
};
#pragma clang diagnostic pop

// Included, so that what caches compilations sees the data change, too.
constexpr RanksSize kCl100kSize =
#include "ledger/ranks/cl100k_base.inc"
    ;
constexpr RanksSize kO200kSize =
#include "ledger/ranks/o200k_base.inc"
    ;

std::span<const unsigned char> compressed(Encoding encoding) {
  if (encoding == Encoding::Cl100k) return kCl100k;
  return kO200k;
}

}  // namespace

RanksSize ranks_size(Encoding encoding) {
  return encoding == Encoding::Cl100k ? kCl100kSize : kO200kSize;
}

std::string inflate_ranks(Encoding encoding) {
  const auto source = compressed(encoding);
  const auto size = ranks_size(encoding);
  std::string ranks(256 + 6 * (size.tokens - 256), '\0');
  uLongf length = ranks.size();
  const auto length_of_source = static_cast<uLong>(source.size());
  if (crc32(0, source.data(), static_cast<uInt>(source.size())) != size.crc32 ||
      uncompress(reinterpret_cast<Bytef*>(ranks.data()), &length, source.data(),
                 length_of_source) != Z_OK ||
      length != ranks.size()) {
    throw std::logic_error("the ranks in this program are damaged");
  }
  return ranks;
}

}  // namespace sluice::ledger
