// What the fields of a head say about the message behind it.
#pragma once

#include "net/http1/head.h"

namespace sluice::net::http1 {

// Each fills the framing members of the head from its fields, or says why they cannot be trusted.
std::optional<HeadError> read_request_framing(RequestHead& head);
std::optional<HeadError> read_response_framing(ResponseHead& head);

}  // namespace sluice::net::http1
