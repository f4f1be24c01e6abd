// Reads certificates and keys from PEM files.
#pragma once

#include "sluice/error.h"

#include "net/tls_handle.h"

#include <string>

namespace sluice::net {

// Each file is read whole first: one that is being replaced is old or new, or refused. A key that
// does not belong to the certificate is refused, too.
Result<void> use_certificate(SSL_CTX* context, const std::string& certificate_file,
                             const std::string& key_file);

Result<TlsHandle<X509_STORE>> load_trusted(const std::string& file);

// The names in the file, for the list of acceptable authorities that a server shows.
Result<void> name_authorities(SSL_CTX* context, const std::string& file);

}  // namespace sluice::net
