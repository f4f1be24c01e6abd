// What signatures are made of: SHA-256, HMAC, RSA; on OpenSSL, without an allocation per digest.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace sluice::providers {

using Sha256Digest = std::array<unsigned char, 32>;

// Of the pieces one after the other. The thread's one digest: not to be begun within another.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view piece);
  Sha256Digest finish();
};

Sha256Digest sha256(std::string_view text);
Sha256Digest hmac_sha256(std::string_view key, std::string_view text);

inline std::string_view bytes_of(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::array<char, 64> hex_of(const Sha256Digest& digest);

inline std::string_view text_of(const std::array<char, 64>& hex) {
  return {hex.data(), hex.size()};
}

std::string base64url(std::string_view bytes);

// A private RSA key.
class RsaKey {
 public:
  // Nothing: it is no such key, or it wants a passphrase.
  static std::optional<RsaKey> parse(std::string_view pem);

  // RSASSA-PKCS1-v1_5 with SHA-256, as JWTs call RS256. Empty when OpenSSL refuses.
  std::string sign(std::string_view text) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const noexcept;
  };
  explicit RsaKey(evp_pkey_st* key) : key_(key) {}

  std::unique_ptr<evp_pkey_st, Free> key_;
};

}  // namespace sluice::providers
