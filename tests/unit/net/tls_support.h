// Certificates, made when they are needed, and pairs of transports that speak TLS.
#pragma once

#include "net/tls_context.h"
#include "net/transport_tls.h"
#include "unit/net/drive.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

namespace sluice::net {

struct Certificate {
  TlsHandle<evp_pkey_st> key{EVP_EC_gen("P-256")};
  TlsHandle<x509_st> x509;
};

struct CertificateWish {
  std::string common_name;
  std::string alternative_name = {};  // "DNS:…" or "IP:…".
  long valid_seconds = 3600;          // Negative: expired.
  bool authority = false;
};

inline void extend(X509* x509, int kind, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  X509_add_ext(x509, extension, -1);
  X509_EXTENSION_free(extension);
}

// Without an issuer it signs itself.
inline Certificate make_certificate(const CertificateWish& wish,
                                    const Certificate* issuer = nullptr) {
  static long serial = 0;
  Certificate made;
  X509* const x509 = X509_new();
  made.x509.reset(x509);
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(x509), -7200);
  X509_gmtime_adj(X509_getm_notAfter(x509), wish.valid_seconds);
  X509_set_pubkey(x509, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(wish.common_name.c_str()), -1,
                             -1, 0);
  const Certificate& signer = issuer ? *issuer : made;
  X509_set_issuer_name(x509, X509_get_subject_name(signer.x509.get()));
  if (wish.authority) extend(x509, NID_basic_constraints, "critical,CA:TRUE");
  if (!wish.alternative_name.empty()) {
    extend(x509, NID_subject_alt_name, wish.alternative_name);
  }
  X509_sign(x509, signer.key.get(), EVP_sha256());
  return made;
}

// A folder of PEM files that goes with the test.
class PemFolder {
 public:
  PemFolder() {
    std::string name = std::filesystem::temp_directory_path() / "sluice-tls-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~PemFolder() { std::filesystem::remove_all(path_); }
  PemFolder(const PemFolder&) = delete;
  PemFolder& operator=(const PemFolder&) = delete;

  std::string file(const std::string& name) const { return path_ / name; }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name)) << text;
    return file(name);
  }
  std::string write_certificate(const std::string& name, const Certificate& certificate) const {
    FILE* const out = std::fopen(file(name).c_str(), "w");
    PEM_write_X509(out, certificate.x509.get());
    std::fclose(out);
    return file(name);
  }
  std::string write_key(const std::string& name, const Certificate& certificate,
                        const char* pass_phrase = nullptr) const {
    FILE* const out = std::fopen(file(name).c_str(), "w");
    PEM_write_PKCS8PrivateKey(
        out, certificate.key.get(), pass_phrase ? EVP_aes_128_cbc() : nullptr, pass_phrase,
        pass_phrase ? static_cast<int>(std::string(pass_phrase).size()) : 0, nullptr, nullptr);
    std::fclose(out);
    return file(name);
  }

 private:
  std::filesystem::path path_;
};

// An authority, and a server that it vouches for.
struct TlsWorld {
  explicit TlsWorld(const std::string& name = "Test CA")
      : authority(make_certificate({.common_name = name, .authority = true})) {}

  Certificate authority;
  PemFolder folder;
  std::string ca = folder.write_certificate("ca.pem", authority);

  TlsServerContext::Options server_files(const CertificateWish& wish, bool self_signed = false) {
    const Certificate made = make_certificate(wish, self_signed ? nullptr : &authority);
    return {.certificate = folder.write_certificate("server.pem", made),
            .private_key = folder.write_key("server.key", made)};
  }
  std::shared_ptr<const TlsServerContext> server(const CertificateWish& wish = {
                                                     .common_name = "api.example",
                                                     .alternative_name = "DNS:api.example"}) {
    return *TlsServerContext::load(server_files(wish));
  }
  std::shared_ptr<const TlsClientContext> client() { return *TlsClientContext::load({.ca = ca}); }
};

struct TlsPair {
  TlsPair(Loop& loop, const std::shared_ptr<const TlsServerContext>& server_context,
          const std::shared_ptr<const TlsClientContext>& client_context,
          const std::string& name = "api.example") {
    std::array<int, 2> fds;
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data());
    server = make_tls_server_transport(make_tcp_transport(loop, fds[0]), *server_context);
    client =
        make_tls_client_transport(make_tcp_transport(loop, fds[1]), client_context, name, "peer:1");
  }

  // How the client fared.
  IoStatus shake(Loop& loop) {
    std::optional<IoStatus> server_end;
    std::optional<IoStatus> client_end;
    loop.spawn(store(shake_hands(*server, soon(loop)), server_end));
    loop.spawn(store(shake_hands(*client, soon(loop)), client_end));
    turn_until(loop, [&] { return client_end.has_value(); });
    if (*client_end == IoStatus::Failed) client->finish();
    turn_until(loop, [&] { return server_end.has_value(); });
    server_status = *server_end;
    return *client_end;
  }

  std::unique_ptr<Transport> server;
  std::unique_ptr<Transport> client;
  IoStatus server_status{};
};

}  // namespace sluice::net
