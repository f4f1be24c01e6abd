// Which client a key belongs to.
#pragma once

#include "sluice/principal.h"

#include "config/auth_settings.h"
#include "config/digest.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sluice::config {

inline const std::string kAnyModel[] = {"*"};

// From the SHA-256 of a secret to whose it is: what a caller sends meets only digests, in constant
// time.
class KeyTable {
 public:
  KeyTable() = default;
  // The keys stay with the caller and outlive the table. No two have the same secret.
  explicit KeyTable(std::span<const ClientKey> keys);

  // Null: nobody's.
  const Principal* find(std::span<const unsigned char, 32> digest) const;
  std::size_t size() const { return known_.size(); }

 private:
  // Of ten thousand keys few are in the cache: a look goes to one small slot, which usually is,
  // and to these two lines.
  struct alignas(64) Known {
    Digest digest;
    Principal principal;
  };
  struct Slot {
    std::uint32_t mark = 0;   // Of the digest.
    std::uint32_t place = 0;  // In known_, from 1 on; 0: free.
  };

  std::size_t start(std::span<const unsigned char, 32> digest) const;

  std::vector<Known> known_;
  std::vector<Slot> slots_;  // A power of two, a quarter free; found by linear probing.
};

}  // namespace sluice::config
