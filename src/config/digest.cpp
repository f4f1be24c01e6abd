// OpenSSL's newer interface allocates and frees a context for every digest, and every request has
// one.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "config/digest.h"

#include <openssl/sha.h>

namespace sluice::config {

Digest sha256(std::string_view text) {
  SHA256_CTX context;
  Digest digest{};
  SHA256_Init(&context);
  SHA256_Update(&context, text.data(), text.size());
  SHA256_Final(digest.data(), &context);
  return digest;
}

std::string to_hex(const Digest& digest) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

}  // namespace sluice::config
