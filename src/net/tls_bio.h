// Lets OpenSSL read from and write to a Transport.
#pragma once

#include "net/tls_handle.h"
#include "net/transport.h"

namespace sluice::net {

// The transport must outlive it. Null when memory is short.
TlsHandle<bio_st> make_transport_bio(Transport& transport);

}  // namespace sluice::net
