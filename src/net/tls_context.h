// What TLS connections share: certificates, trust and settings. A context never changes; renewed
// files make a new one, and connections keep theirs.
#pragma once

#include "sluice/error.h"

#include "net/tls_handle.h"

#include <cstdint>
#include <memory>
#include <string>

namespace sluice::net {

class TlsSessions;

enum class TlsVersion : std::uint8_t { Tls12, Tls13 };

class TlsServerContext {
 public:
  struct Options {
    std::string certificate = {};  // A PEM file: the certificate, then its intermediates.
    std::string private_key = {};
    std::string client_ca = {};  // Not empty: clients must show a certificate that it signed.
    TlsVersion min_version = TlsVersion::Tls12;
  };
  // The error names the file and the reason; nothing of a key ever stands in it.
  static Result<std::shared_ptr<const TlsServerContext>> load(const Options& options);

  explicit TlsServerContext(TlsHandle<SSL_CTX> context) : context_(std::move(context)) {}

  TlsHandle<SSL> new_connection() const;

 private:
  TlsHandle<SSL_CTX> context_;
};

class TlsClientContext {
 public:
  enum class Verify : std::uint8_t { Full, Off };
  struct Options {
    Verify verify = Verify::Full;
    std::string ca = {};           // A PEM file; empty: the system's.
    std::string certificate = {};  // What we show, if anything, and its key.
    std::string private_key = {};
    TlsVersion min_version = TlsVersion::Tls12;
  };
  static Result<std::shared_ptr<const TlsClientContext>> load(const Options& options);

  TlsClientContext(TlsHandle<SSL_CTX> context, Verify verify, TlsHandle<X509_STORE> trusted);
  ~TlsClientContext();

  // Ready to shake hands with `server_name` (a host name or an IP address), resuming a session with
  // `peer` (the name and port it was kept under) if there is one. Null when no certificate could
  // be for such a name.
  TlsHandle<SSL> new_connection(const std::string& server_name, const std::string& peer) const;
  // After the handshake of such a connection.
  void connected(SSL& connection) const;

 private:
  TlsHandle<SSL_CTX> context_;
  Verify verify_;
  TlsHandle<X509_STORE> trusted_;  // Null: the system's.
  std::unique_ptr<TlsSessions> sessions_;
};

// Reads the system's trusted certificates, once per process. The first connection that needs them
// would else do it: tens of milliseconds. From any thread.
void load_system_certificates();

}  // namespace sluice::net
