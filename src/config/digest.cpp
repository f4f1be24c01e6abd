#include "config/digest.h"

#include <openssl/evp.h>

#include <memory>

namespace sluice::config {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeAlgorithm {
  void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
};

// Fetched once a thread: a fetch costs more than the digest of a key.
struct Hasher {
  std::unique_ptr<EVP_MD, FreeAlgorithm> algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};
};

}  // namespace

Digest sha256(std::string_view text) {
  thread_local const Hasher hasher;
  Digest digest{};
  EVP_DigestInit_ex2(hasher.context.get(), hasher.algorithm.get(), nullptr);
  EVP_DigestUpdate(hasher.context.get(), text.data(), text.size());
  EVP_DigestFinal_ex(hasher.context.get(), digest.data(), nullptr);
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
