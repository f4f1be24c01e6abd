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

// A reply under way. Who waits for its next batch may be destroyed meanwhile: what was asked for
// comes all the same, and whoever asks next gets it.
class Pull {
 public:
  void begin(Reply reply) {
    reply_ = std::move(reply);
    more_ = true;
  }
  // Abandons the provider's call if it has not ended.
  void end() {
    next_.reset();
    reply_.items.reset();
    more_ = false;
  }

  Reply& reply() { return reply_; }
  bool more() const { return more_; }

  class Awaiter {
   public:
    explicit Awaiter(Pull& pull) : joined_(pull.next_.join()), pull_(pull) {}
    bool await_ready() const noexcept { return joined_.await_ready(); }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) {
      return joined_.await_suspend(caller);
    }
    Result<Batch> await_resume() {
      Result<Batch> batch = joined_.await_resume();
      pull_.more_ = batch && !batch->last;
      return batch;
    }

   private:
    Task<Result<Batch>>::Joined joined_;
    Pull& pull_;
  };
  // While there is more.
  Awaiter next() {
    if (!next_) next_ = reply_.items->next();
    return Awaiter(*this);
  }

 private:
  Reply reply_;
  Task<Result<Batch>> next_;  // Destroyed before what it reads.
  bool more_ = false;
};

// The head and the first batch. True: more follows. Fails when the reply failed before anything was
// sent. Two calls, not one, because a stream that waits for minutes holds the frames of those it is
// in.
Task<Result<bool>> begin_reply(net::HttpExchange& exchange, Pull& pull, HeadFields& head);

// The rest, as it is pulled. What fails now is told within the stream, and to the caller of this.
Task<Result<void>> continue_reply(net::HttpExchange& exchange, Context& context,
                                  const Request& request, Pull& pull);

// The request is not looked at any more, unless the reply says so: its memory goes back.
void release_request(net::HttpExchange& exchange, Context& context, const Reply& reply);

}  // namespace sluice::server
