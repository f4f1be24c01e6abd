// Answers that are no event stream: JSON that is read whole before a word of it goes out, and bytes
// that pass through as they come.
#pragma once

#include "sluice/context.h"
#include "sluice/upstream.h"

namespace sluice::routing {

// The whole body of a reply, up to `limit` bytes.
Task<Result<std::string_view>> read_whole(UpstreamReply& reply, Instant patience,
                                          std::size_t limit);

class WholeReply final : public ItemStream {
 public:
  // `body` is all that is pending in the reply.
  WholeReply(ArenaPtr<UpstreamReply> reply, std::string_view body) : reply_(std::move(reply)) {
    item_.raw = body;
  }

  Task<Result<Batch>> next() override { co_return Batch{.items = {&item_, 1}, .last = true}; }
  void need_meaning() override {
    event_ = Bytes{item_.raw};
    item_.events = {&event_, 1};
  }

 private:
  ArenaPtr<UpstreamReply> reply_;
  Item item_;
  Event event_ = Bytes{};
};

class ByteStream final : public ItemStream {
 public:
  ByteStream(Context& context, Attempt& attempt, ArenaPtr<UpstreamReply> reply, Duration between)
      : context_(context), attempt_(attempt), reply_(std::move(reply)), between_(between) {}

  Task<Result<Batch>> next() override;
  void need_meaning() override { meaning_ = true; }

 private:
  Context& context_;
  Attempt& attempt_;
  ArenaPtr<UpstreamReply> reply_;
  Duration between_;
  std::size_t given_ = 0;
  Item item_;
  Event event_ = Bytes{};
  bool meaning_ = false;
};

}  // namespace sluice::routing
