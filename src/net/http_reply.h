// The answer of an HTTP/1.1 upstream: its head, then its body without framing.
#pragma once

#include "sluice/upstream.h"

#include "net/buffer.h"
#include "net/http1/chunk.h"
#include "net/http1/head.h"
#include "net/upstream_pool.h"

namespace sluice::net {

class HttpReply final : public UpstreamReply {
 public:
  HttpReply(Lease lease, bool head_only) : lease_(std::move(lease)), head_only_(head_only) {}
  ~HttpReply() override;

  // Nothing of it has come yet: where a reused connection was dead, the request may be sent again.
  bool untouched() const { return untouched_; }
  // The request was not taken whole: what is left of it must not become the next one.
  void do_not_reuse() { may_reuse_ = false; }
  Transport& transport() { return lease_.transport(); }
  const Lease& lease() const { return lease_; }

  Task<Result<void>> read_head(Context& context, Instant deadline, std::string_view waiting_for,
                               std::uint64_t limit);

  const UpstreamHead& head() const override { return head_; }
  std::string_view pending() const override { return input_.filled().substr(0, decoded_); }
  void consume(std::size_t bytes) override;
  Task<Result<bool>> more(Instant patience) override;
  bool complete() const override { return complete_; }

 private:
  enum class Framing : std::uint8_t { None, Length, Chunked, UntilClose };

  void understand(const http1::ResponseHead& head, Context& context);
  Result<void> decode();
  Result<void> decode_chunks();
  void finish();

  Lease lease_;
  UpstreamHead head_;
  bool head_only_;
  bool untouched_ = true;
  bool may_reuse_ = true;
  bool reusable_ = false;
  bool complete_ = false;
  Framing framing_ = Framing::None;
  std::uint64_t left_ = 0;
  http1::ChunkDecoder chunks_;

  // [decoded and not consumed][gap][as it came]
  Buffer input_;
  std::size_t decoded_ = 0;
  std::size_t raw_at_ = 0;
};

}  // namespace sluice::net
