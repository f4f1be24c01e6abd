#include "net/tls_files.h"

#include "net/tls_error.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace sluice::net {
namespace {

constexpr std::size_t kMaxFile = std::size_t{4} << 20;

std::unexpected<Failure> refuse(const std::string& file, std::string reason) {
  return fail(ErrorKind::InvalidRequest, "invalid_request", file + ": " + std::move(reason));
}

// Wiped when it goes: it may hold a key.
struct FileText {
  std::string text;
  FileText() = default;
  FileText(FileText&& other) noexcept : text(std::move(other.text)) {}
  FileText& operator=(FileText&&) = delete;
  ~FileText() { OPENSSL_cleanse(text.data(), text.size()); }

  TlsHandle<bio_st> bio() const {
    return TlsHandle<bio_st>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  }
};

Result<FileText> read_file(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return refuse(file, std::strerror(errno));
  FileText read;
  read.text.resize(kMaxFile);  // Never grows: no copy of a key is left behind.
  std::size_t size = 0;
  int error = 0;
  while (size < kMaxFile) {
    const ssize_t count = ::read(fd, read.text.data() + size, kMaxFile - size);
    if (count < 0) error = errno;
    if (count <= 0) break;
    size += static_cast<std::size_t>(count);
  }
  ::close(fd);
  if (error != 0) return refuse(file, std::strerror(error));
  if (size == kMaxFile) return refuse(file, "too large for a PEM file");
  read.text.resize(size);
  return read;
}

// Never asks the terminal for a pass phrase, as OpenSSL would.
int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

TlsHandle<x509_st> next_certificate(bio_st* bio) {
  return TlsHandle<x509_st>(PEM_read_bio_X509(bio, nullptr, no_pass_phrase, nullptr));
}

// The end of a PEM file is an error in OpenSSL's queue; anything else there is a real one.
Result<void> expect_end(const std::string& file) {
  const unsigned long code = ERR_peek_last_error();
  if (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE) {
    ERR_clear_error();
    return {};
  }
  return refuse(file, "is damaged: " + take_tls_error());
}

}  // namespace

Result<void> use_certificate(SSL_CTX* context, const std::string& certificate_file,
                             const std::string& key_file) {
  ERR_clear_error();
  TRY(const FileText certificate_text, read_file(certificate_file));
  TRY(const FileText key_text, read_file(key_file));

  const auto certificates = certificate_text.bio();
  const auto certificate = next_certificate(certificates.get());
  if (!certificate) {
    ERR_clear_error();
    return refuse(certificate_file, "holds no PEM certificate");
  }
  if (SSL_CTX_use_certificate(context, certificate.get()) != 1) {
    return refuse(certificate_file, take_tls_error());
  }
  while (auto intermediate = next_certificate(certificates.get())) {
    if (SSL_CTX_add0_chain_cert(context, intermediate.get()) != 1) {
      return refuse(certificate_file, take_tls_error());
    }
    static_cast<void>(intermediate.release());
  }
  TRY_VOID(expect_end(certificate_file));

  const auto key_bio = key_text.bio();
  const TlsHandle<evp_pkey_st> key(
      PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_pass_phrase, nullptr));
  if (!key) {
    const bool encrypted = key_text.text.contains("ENCRYPTED");
    ERR_clear_error();
    return refuse(key_file,
                  encrypted ? "the key is protected by a pass phrase" : "holds no PEM private key");
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return refuse(key_file, "the key does not belong to the certificate in " + certificate_file);
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) return refuse(key_file, take_tls_error());
  return {};
}

Result<TlsHandle<X509_STORE>> load_trusted(const std::string& file) {
  ERR_clear_error();
  TRY(const FileText text, read_file(file));
  const auto bio = text.bio();
  TlsHandle<X509_STORE> store(X509_STORE_new());
  std::size_t count = 0;
  while (const auto certificate = next_certificate(bio.get())) {
    if (X509_STORE_add_cert(store.get(), certificate.get()) != 1) {
      return refuse(file, take_tls_error());
    }
    ++count;
  }
  TRY_VOID(expect_end(file));
  if (count == 0) return refuse(file, "holds no PEM certificate");
  return store;
}

Result<void> name_authorities(SSL_CTX* context, const std::string& file) {
  ERR_clear_error();
  TRY(const FileText text, read_file(file));
  const auto bio = text.bio();
  while (const auto certificate = next_certificate(bio.get())) {
    if (SSL_CTX_add_client_CA(context, certificate.get()) != 1) {
      return refuse(file, take_tls_error());
    }
  }
  return expect_end(file);
}

}  // namespace sluice::net
