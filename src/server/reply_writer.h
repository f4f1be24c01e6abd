// Writes a reply to the caller as it is pulled: head and first content in one go, then batch by
// batch.
#pragma once

#include "sluice/context.h"
#include "sluice/reply.h"

#include "net/http_exchange.h"

namespace sluice::server {

// Told when the reply's head is about to go out: fields that stand beside the provider's.
class HeadFields {
 public:
  virtual ~HeadFields() = default;
  virtual std::span<const Field> fields() = 0;
};

// Fails when the reply failed before anything was sent; what fails later is told within the stream.
Task<Result<void>> write_reply(net::HttpExchange& exchange, Context& context, Reply& reply,
                               HeadFields& head);

}  // namespace sluice::server
