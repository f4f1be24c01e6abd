// Where a provider is asked: over the network, or in this process.
#pragma once

#include "sluice/provider.h"

namespace sluice {

struct UpstreamHead {
  int status = 0;
  std::string_view content_type;
  Framing framing = Framing::None;
  std::optional<std::uint64_t> length;
  std::optional<std::chrono::milliseconds> retry_after;
  std::span<const Field> fields;  // Those that may go on to callers.
  bool tells_limits = false;      // Of rates, in these fields: routing/rate_headers.h reads them.
};

// An answer as it comes. Destroying it abandons the call.
class UpstreamReply {
 public:
  virtual ~UpstreamReply() = default;
  virtual const UpstreamHead& head() const = 0;

  // Bytes of the body that came and were not consumed, in one piece. The view lives until more().
  virtual std::string_view pending() const = 0;
  virtual void consume(std::size_t bytes) = 0;
  // True: pending() has grown. False: the body has come to its proper end. A failure when it was
  // cut off; one of kind DeadlineExceeded when nothing came within `patience`: then one may ask
  // again.
  virtual Task<Result<bool>> more(Instant patience) = 0;
  // pending() is all that is left: the proper end has come.
  virtual bool complete() const = 0;
};

class Upstream {
 public:
  virtual ~Upstream() = default;
  virtual Task<Result<ArenaPtr<UpstreamReply>>> send(Context& context,
                                                     const UpstreamRequest& request,
                                                     Attempt& attempt) = 0;
};

}  // namespace sluice
