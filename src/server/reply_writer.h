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

// A stream of these frames can say that it will not be completed; of others, and of bytes, only the
// broken connection does.
constexpr bool tells_errors(Framing framing) {
  return framing == Framing::Sse || framing == Framing::AwsEvents;
}

// The head and the first batch. True: more follows. Fails when the reply failed before anything was
// sent. Two calls, not one, because a stream that waits for minutes holds the frames of those it is
// in.
Task<Result<bool>> begin_reply(net::HttpExchange& exchange, Reply& reply, HeadFields& head);

// The rest, as it is pulled. What fails now is told within the stream, and to the caller of this.
Task<Result<void>> continue_reply(net::HttpExchange& exchange, const Context& context,
                                  const Request& request, Reply& reply);

}  // namespace sluice::server
