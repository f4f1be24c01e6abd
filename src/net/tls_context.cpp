#include "net/tls_context.h"

#include "net/address.h"
#include "net/tls_files.h"
#include "net/tls_sessions.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <string_view>

namespace sluice::net {
namespace {

// Forward secrecy and authenticated encryption only.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* kSuites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr std::string_view kAlpn = "\x08http/1.1";
constexpr std::string_view kSessionOwner = "sluice";

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Result<TlsHandle<SSL_CTX>> new_context(const SSL_METHOD* method, TlsVersion min_version) {
  ERR_clear_error();
  TlsHandle<SSL_CTX> context(SSL_CTX_new(method));
  const int version = min_version == TlsVersion::Tls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
  if (!context || SSL_CTX_set_min_proto_version(context.get(), version) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), kCiphers) != 1 ||
      SSL_CTX_set_ciphersuites(context.get(), kSuites) != 1) {
    return fail(ErrorKind::Internal, "internal_error", "TLS cannot be set up");
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Partial writes say how far they came; moving buffers let the caller keep its bytes where it
  // likes; released buffers are what an idle connection saves most with.
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  // One system call takes whatever has come, not a header and then a record.
  SSL_CTX_set_read_ahead(context.get(), 1);
  return context;
}

int choose_http1(SSL*, const unsigned char** chosen, unsigned char* size,
                 const unsigned char* offered, unsigned offered_size, void*) {
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, bytes_of(kAlpn), kAlpn.size(), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

Result<void> require_client_certificates(SSL_CTX* context, const std::string& file) {
  TRY(const auto trusted, load_trusted(file));
  TRY_VOID(name_authorities(context, file));
  SSL_CTX_set1_cert_store(context, trusted.get());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return {};
}

// One for the whole process: it takes milliseconds to read and megabytes to keep.
X509_STORE* system_store() {
  static const TlsHandle<X509_STORE> store = [] {
    TlsHandle<X509_STORE> loaded(X509_STORE_new());
    X509_STORE_set_default_paths(loaded.get());
    ERR_clear_error();
    return loaded;
  }();
  return store.get();
}

// What a connection needs to keep the sessions it is given.
struct SessionHome {
  TlsSessions* sessions;
  std::string peer;
};

void free_home(void*, void* home, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<SessionHome*>(home);
}

int home_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, free_home);
  return index;
}

int keep_session(SSL* connection, SSL_SESSION* session) {
  const auto* home = static_cast<const SessionHome*>(SSL_get_ex_data(connection, home_index()));
  // A copy: the connection goes on using its own.
  TlsHandle<SSL_SESSION> copy(SSL_SESSION_dup(session));
  if (home && copy) home->sessions->keep(home->peer, std::move(copy));
  return 0;
}

bool expect_name(SSL* connection, const std::string& name) {
  if (name.empty()) return false;  // OpenSSL would then accept any.
  if (parse_ip(name)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), name.c_str()) == 1;
  }
  SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(connection, name.c_str()) == 1 &&
         SSL_set_tlsext_host_name(connection, name.c_str()) == 1;
}

}  // namespace

Result<std::shared_ptr<const TlsServerContext>> TlsServerContext::load(const Options& options) {
  TRY(auto context, new_context(TLS_server_method(), options.min_version));
  TRY_VOID(use_certificate(context.get(), options.certificate, options.private_key));
  if (!options.client_ca.empty()) {
    TRY_VOID(require_client_certificates(context.get(), options.client_ca));
  }
  SSL_CTX_set_alpn_select_cb(context.get(), choose_http1, nullptr);
  // Sessions live in tickets that the clients keep. A renewed context has new keys: nobody who was
  // let in under the old one gets in without being looked at again.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_id_context(context.get(), bytes_of(kSessionOwner), kSessionOwner.size());
  SSL_CTX_set_num_tickets(context.get(), 1);
  return std::make_shared<const TlsServerContext>(std::move(context));
}

TlsHandle<SSL> TlsServerContext::new_connection() const {
  TlsHandle<SSL> connection(SSL_new(context_.get()));
  if (connection) SSL_set_accept_state(connection.get());
  return connection;
}

Result<std::shared_ptr<const TlsClientContext>> TlsClientContext::load(const Options& options) {
  TRY(auto context, new_context(TLS_client_method(), options.min_version));
  TlsHandle<X509_STORE> trusted;
  if (!options.ca.empty()) {
    TRY(trusted, load_trusted(options.ca));
  }
  if (!options.certificate.empty()) {
    TRY_VOID(use_certificate(context.get(), options.certificate, options.private_key));
  }
  SSL_CTX_set_verify(context.get(),
                     options.verify == Verify::Full ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (SSL_CTX_set_alpn_protos(context.get(), bytes_of(kAlpn), kAlpn.size()) != 0) {
    return fail(ErrorKind::Internal, "internal_error", "TLS cannot be set up");
  }
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), keep_session);
  return std::make_shared<const TlsClientContext>(std::move(context), options.verify,
                                                  std::move(trusted));
}

TlsClientContext::TlsClientContext(TlsHandle<SSL_CTX> context, Verify verify,
                                   TlsHandle<X509_STORE> trusted)
    : context_(std::move(context)),
      verify_(verify),
      trusted_(std::move(trusted)),
      sessions_(std::make_unique<TlsSessions>()) {}

TlsClientContext::~TlsClientContext() = default;

TlsHandle<SSL> TlsClientContext::new_connection(const std::string& server_name,
                                                const std::string& peer) const {
  TlsHandle<SSL> connection(SSL_new(context_.get()));
  if (!connection || !expect_name(connection.get(), server_name)) return nullptr;
  SSL_set_connect_state(connection.get());
  if (verify_ == Verify::Full) {
    X509_STORE* const store = trusted_ ? trusted_.get() : system_store();
    SSL_set1_verify_cert_store(connection.get(), store);
  }
  // The name is part of whom a session is with: it was checked when the session began.
  auto home = std::make_unique<SessionHome>(sessions_.get(), server_name + ' ' + peer);
  if (const auto session = sessions_->take(home->peer)) {
    SSL_set_session(connection.get(), session.get());
  }
  if (SSL_set_ex_data(connection.get(), home_index(), home.get()) == 1) {
    static_cast<void>(home.release());
  }
  return connection;
}

void TlsClientContext::connected(SSL& connection) const {
  // TLS 1.3 servers send a new ticket each time; in TLS 1.2 a session stays good and none comes.
  if (SSL_version(&connection) == TLS1_2_VERSION && SSL_session_reused(&connection) == 1) {
    keep_session(&connection, SSL_get_session(&connection));
  }
}

void load_system_certificates() {
  system_store();
}

}  // namespace sluice::net
