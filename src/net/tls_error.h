// What OpenSSL says about a failure, in words for the one who must mend it.
#pragma once

#include "net/tls_handle.h"

#include <string>

namespace sluice::net {

// Takes the oldest error of this thread's queue and empties the queue; "" when there was none.
std::string take_tls_error();

// Why a handshake (or a later call) failed: the peer's certificate first, then the queue.
std::string handshake_failure(SSL* connection);

}  // namespace sluice::net
