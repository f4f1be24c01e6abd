#include "providers/credentials/digests.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#include <new>

namespace sluice::providers {
namespace {

struct Free {
  void operator()(BIO* object) const noexcept { ::BIO_free(object); }
  void operator()(EVP_MD* object) const noexcept { ::EVP_MD_free(object); }
  void operator()(EVP_MD_CTX* object) const noexcept { ::EVP_MD_CTX_free(object); }
  void operator()(EVP_MAC* object) const noexcept { ::EVP_MAC_free(object); }
  void operator()(EVP_MAC_CTX* object) const noexcept { ::EVP_MAC_CTX_free(object); }
};
template <class T>
using Handle = std::unique_ptr<T, Free>;

void require(bool worked) {
  // OpenSSL's digests fail only where memory does.
  if (!worked) throw std::bad_alloc();
}

// Looked up once: each look-up takes a lock that all threads share.
const EVP_MD* sha256_method() {
  static const Handle<EVP_MD> kMethod(::EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return kMethod.get();
}

EVP_MD_CTX* digest_context() {
  thread_local const Handle<EVP_MD_CTX> one(::EVP_MD_CTX_new());
  return one.get();
}

EVP_MAC_CTX* new_hmac_context() {
  const Handle<EVP_MAC> method(::EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  EVP_MAC_CTX* const context = ::EVP_MAC_CTX_new(method.get());
  std::string digest = "SHA256";
  const std::array parameters{
      ::OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
      ::OSSL_PARAM_construct_end()};
  require(context && ::EVP_MAC_CTX_set_params(context, parameters.data()) == 1);
  return context;
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Sha256::Sha256() {
  require(::EVP_DigestInit_ex2(digest_context(), sha256_method(), nullptr) == 1);
}

void Sha256::add(std::string_view piece) {
  require(::EVP_DigestUpdate(digest_context(), piece.data(), piece.size()) == 1);
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  require(::EVP_DigestFinal_ex(digest_context(), digest.data(), nullptr) == 1);
  return digest;
}

Sha256Digest sha256(std::string_view text) {
  Sha256 digest;
  digest.add(text);
  return digest.finish();
}

Sha256Digest hmac_sha256(std::string_view key, std::string_view text) {
  thread_local const Handle<EVP_MAC_CTX> context(new_hmac_context());
  Sha256Digest code;
  std::size_t size = 0;
  require(::EVP_MAC_init(context.get(), bytes(key), key.size(), nullptr) == 1 &&
          ::EVP_MAC_update(context.get(), bytes(text), text.size()) == 1 &&
          ::EVP_MAC_final(context.get(), code.data(), &size, code.size()) == 1);
  return code;
}

std::array<char, 64> hex_of(const Sha256Digest& digest) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 64> hex;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    hex[2 * i] = kDigits[digest[i] >> 4];
    hex[2 * i + 1] = kDigits[digest[i] & 15];
  }
  return hex;
}

std::string base64url(std::string_view text) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  out.reserve((text.size() * 4 + 2) / 3);
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const std::string_view group = text.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8U | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0U);
    }
    for (std::size_t k = 0; k <= group.size(); ++k) out += kDigits[bits >> (18 - 6 * k) & 63U];
  }
  return out;
}

void RsaKey::Free::operator()(evp_pkey_st* key) const noexcept {
  ::EVP_PKEY_free(key);
}

std::optional<RsaKey> RsaKey::parse(std::string_view pem) {
  const Handle<BIO> input(::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // Nobody is asked for a passphrase.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  RsaKey key(::PEM_read_bio_PrivateKey(input.get(), nullptr, no_passphrase, nullptr));
  if (!key.key_ || ::EVP_PKEY_is_a(key.key_.get(), "RSA") != 1) return std::nullopt;
  return key;
}

std::string RsaKey::sign(std::string_view text) const {
  const Handle<EVP_MD_CTX> context(::EVP_MD_CTX_new());
  std::size_t size = 0;
  if (::EVP_DigestSignInit(context.get(), nullptr, ::EVP_sha256(), nullptr, key_.get()) != 1 ||
      ::EVP_DigestSign(context.get(), nullptr, &size, bytes(text), text.size()) != 1) {
    return {};
  }
  std::string signature(size, '\0');
  if (::EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       bytes(text), text.size()) != 1) {
    return {};
  }
  signature.resize(size);
  return signature;
}

}  // namespace sluice::providers
