#include "net/tls_error.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace sluice::net {
namespace {

std::string certificate_fault(long verdict) {
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "the certificate has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "the certificate is not valid yet";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "the certificate is for another host name";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return "the certificate is self-signed";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "the certificate is signed by an unknown authority";
    default:
      return std::string("the certificate was refused: ") + X509_verify_cert_error_string(verdict);
  }
}

}  // namespace

std::string take_tls_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return {};
  if (ERR_GET_LIB(code) == ERR_LIB_SSL) {
    switch (ERR_GET_REASON(code)) {
      case SSL_R_UNSUPPORTED_PROTOCOL:
      case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      case SSL_R_NO_PROTOCOLS_AVAILABLE:
      case SSL_R_UNKNOWN_PROTOCOL:
        return "no protocol version in common";
      case SSL_R_WRONG_VERSION_NUMBER:
        return "the peer does not speak TLS here";
      case SSL_R_UNEXPECTED_EOF_WHILE_READING:
        return "the peer closed the connection without notice";
      case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        return "a client certificate is required";
      default:
        break;
    }
  }
  const char* const reason = ERR_reason_error_string(code);
  return reason ? reason : "error " + std::to_string(code);
}

std::string handshake_failure(SSL* connection) {
  const long verdict = SSL_get_verify_result(connection);
  if (verdict != X509_V_OK && (SSL_get_verify_mode(connection) & SSL_VERIFY_PEER)) {
    ERR_clear_error();
    return certificate_fault(verdict);
  }
  std::string text = take_tls_error();
  return text.empty() ? "the peer closed the connection" : text;
}

}  // namespace sluice::net
