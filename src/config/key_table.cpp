#include "config/key_table.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace sluice::config {
namespace {

// Any bytes of a digest are as good as any hash.
template <class Number, std::size_t kOffset>
Number part_of(std::span<const unsigned char, 32> digest) {
  Number part = 0;
  std::memcpy(&part, digest.data() + kOffset, sizeof(part));
  return part;
}

std::uint32_t mark_of(std::span<const unsigned char, 32> digest) {
  return part_of<std::uint32_t, 8>(digest);
}

// Most keys may ask for all: they share one list.
std::span<const std::string> models_of(const ClientKey& key) {
  return std::ranges::equal(key.models, kAnyModel) ? std::span<const std::string>(kAnyModel)
                                                   : std::span(key.models);
}

}  // namespace

KeyTable::KeyTable(std::span<const ClientKey> keys) {
  if (keys.empty()) return;
  known_.reserve(keys.size());
  slots_.resize(std::bit_ceil(keys.size() + keys.size() / 3 + 1));
  for (const ClientKey& key : keys) {
    const Digest digest = sha256(key.secret.reveal());
    known_.push_back(
        {.digest = digest,
         .principal = {
             .id = key.name, .user = key.user, .models = models_of(key), .may = key.may}});
    auto at = start(digest);
    while (slots_[at].place != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {mark_of(digest), static_cast<std::uint32_t>(known_.size())};
  }
}

std::size_t KeyTable::start(std::span<const unsigned char, 32> digest) const {
  return static_cast<std::size_t>(part_of<std::uint64_t, 0>(digest)) & (slots_.size() - 1);
}

const Principal* KeyTable::find(std::span<const unsigned char, 32> digest) const {
  if (slots_.empty()) return nullptr;
  const std::uint32_t mark = mark_of(digest);
  for (auto at = start(digest); slots_[at].place != 0; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].mark != mark) continue;
    const Known& known = known_[slots_[at].place - 1];
    if (CRYPTO_memcmp(known.digest.data(), digest.data(), digest.size()) == 0) {
      return &known.principal;
    }
  }
  return nullptr;
}

}  // namespace sluice::config
