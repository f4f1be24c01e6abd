#include "config/key_table.h"

#include <openssl/crypto.h>

#include <bit>
#include <cstring>

namespace sluice::config {

KeyTable::KeyTable(std::span<const ClientKey> keys) : size_(keys.size()) {
  if (keys.empty()) return;
  slots_.resize(std::bit_ceil(2 * keys.size()));
  for (const ClientKey& key : keys) {
    const Digest digest = sha256(key.secret.reveal());
    auto at = start(digest);
    while (slots_[at].key) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {digest, &key};
  }
}

std::size_t KeyTable::start(std::span<const unsigned char, 32> digest) const {
  std::uint64_t first = 0;
  std::memcpy(&first, digest.data(), sizeof(first));
  return static_cast<std::size_t>(first) & (slots_.size() - 1);
}

const ClientKey* KeyTable::find(std::span<const unsigned char, 32> digest) const {
  if (slots_.empty()) return nullptr;
  for (auto at = start(digest); slots_[at].key; at = (at + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[at];
    if (CRYPTO_memcmp(slot.digest.data(), digest.data(), digest.size()) == 0) return slot.key;
  }
  return nullptr;
}

}  // namespace sluice::config
