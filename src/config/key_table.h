// Which client a key belongs to.
#pragma once

#include "config/auth_settings.h"
#include "config/digest.h"

#include <cstdint>
#include <span>
#include <vector>

namespace sluice::config {

// From the SHA-256 of a secret to its key: what a caller sends meets only digests, in constant
// time.
class KeyTable {
 public:
  KeyTable() = default;
  // The keys stay with the caller and outlive the table. No two have the same secret.
  explicit KeyTable(std::span<const ClientKey> keys);

  const ClientKey* find(std::span<const unsigned char, 32> digest) const;
  std::size_t size() const { return size_; }

 private:
  struct Slot {
    Digest digest{};
    const ClientKey* key = nullptr;
  };

  // Where the search for a digest begins: its first eight bytes are as good as any hash.
  std::size_t start(std::span<const unsigned char, 32> digest) const;

  std::vector<Slot> slots_;  // A power of two, at most half full; found by linear probing.
  std::size_t size_ = 0;
};

}  // namespace sluice::config
