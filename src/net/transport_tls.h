// TLS over a transport that is connected (or about to be).
#pragma once

#include "net/tls_context.h"
#include "net/transport.h"

namespace sluice::net {

std::unique_ptr<Transport> make_tls_server_transport(std::unique_ptr<Transport> plain,
                                                     const TlsServerContext& context);

// `server_name` is what the certificate must say; `peer` tells servers apart whose sessions are
// kept ("host:port"). Null when no certificate could be for such a name.
std::unique_ptr<Transport> make_tls_client_transport(
    std::unique_ptr<Transport> plain, std::shared_ptr<const TlsClientContext> context,
    const std::string& server_name, const std::string& peer);

}  // namespace sluice::net
