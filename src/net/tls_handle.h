// Owners of OpenSSL objects.
#pragma once

#include <memory>

struct bio_st;
struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;
struct x509_st;
struct x509_store_st;

namespace sluice::net {

using SSL_CTX = ::ssl_ctx_st;
using SSL = ::ssl_st;
using SSL_SESSION = ::ssl_session_st;
using X509_STORE = ::x509_store_st;

struct TlsFree {
  void operator()(bio_st* object) const noexcept;
  void operator()(evp_pkey_st* object) const noexcept;
  void operator()(ssl_ctx_st* object) const noexcept;
  void operator()(ssl_session_st* object) const noexcept;
  void operator()(ssl_st* object) const noexcept;
  void operator()(x509_st* object) const noexcept;
  void operator()(x509_store_st* object) const noexcept;
};

template <class T>
using TlsHandle = std::unique_ptr<T, TlsFree>;

}  // namespace sluice::net
