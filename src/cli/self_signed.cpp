#include "cli/self_signed.h"

#include "net/address.h"
#include "net/tls_context.h"
#include "net/tls_handle.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace sluice::cli {
namespace {

constexpr long kSecondsOfADay = 24L * 60 * 60;
constexpr long kSecondsOfAnHour = 60L * 60;

using Key = net::TlsHandle<evp_pkey_st>;
using Certificate = net::TlsHandle<x509_st>;

std::unexpected<Failure> cannot(const std::string& what) {
  return fail(ErrorKind::Internal, "internal_error", "cannot " + what);
}

// Only its owner can look into it; gone with everything in it when it ends.
class PrivateFolder {
 public:
  PrivateFolder() {
    std::string name = std::filesystem::temp_directory_path() / "sluice-simulate-XXXXXX";
    if (::mkdtemp(name.data())) path_ = name;
  }
  ~PrivateFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;

  std::string file(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

template <class Write>
Result<void> write_pem(const std::string& path, Write write) {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "we"));
  if (!file || write(file.get()) != 1 || std::fflush(file.get()) != 0) {
    return cannot("write " + path + ": " + std::strerror(errno));
  }
  return {};
}

Result<void> write_certificate(const std::string& path, const Certificate& certificate) {
  return write_pem(path, [&](std::FILE* file) { return PEM_write_X509(file, certificate.get()); });
}

void extend(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate make_certificate(const Key& key, const std::string& host) {
  Certificate made(X509_new());
  X509* const x509 = made.get();
  X509_set_version(x509, X509_VERSION_3);
  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial);
  X509_gmtime_adj(X509_getm_notBefore(x509), -kSecondsOfAnHour);
  X509_gmtime_adj(X509_getm_notAfter(x509), kSecondsOfADay);
  X509_set_pubkey(x509, key.get());
  constexpr unsigned char kName[] = "sluice simulate";
  X509_NAME* const name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, kName, -1, -1, 0);
  X509_set_issuer_name(x509, name);
  extend(x509, NID_basic_constraints, "critical,CA:TRUE");
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  if (net::parse_ip(host)) names += ",IP:" + host;
  extend(x509, NID_subject_alt_name, names);
  X509_sign(x509, key.get(), EVP_sha256());
  return made;
}

}  // namespace

Result<std::shared_ptr<const net::TlsServerContext>> self_signed_context(
    const std::string& host, const std::string& ca_out) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = make_certificate(key, host);
  // Contexts are loaded from files, which check what they read.
  const PrivateFolder folder;
  const std::string certificate_file = folder.file("certificate.pem");
  const std::string key_file = folder.file("key.pem");
  TRY_VOID(write_certificate(certificate_file, certificate));
  TRY_VOID(write_pem(key_file, [&](std::FILE* file) {
    return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }));
  if (!ca_out.empty()) TRY_VOID(write_certificate(ca_out, certificate));
  return net::TlsServerContext::load({.certificate = certificate_file, .private_key = key_file});
}

}  // namespace sluice::cli
