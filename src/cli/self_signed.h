#pragma once

#include "sluice/error.h"

#include <memory>
#include <string>

namespace sluice::net {
class TlsServerContext;
}

namespace sluice::cli {

// TLS with a key and a certificate made here, good for a day, for localhost, 127.0.0.1, ::1 and
// `host`. The certificate vouches for itself; as PEM it goes to the file `ca_out` (empty: nowhere)
// for whoever is to trust it. The key is kept nowhere.
Result<std::shared_ptr<const net::TlsServerContext>> self_signed_context(const std::string& host,
                                                                         const std::string& ca_out);

}  // namespace sluice::cli
