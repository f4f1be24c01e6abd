// Answers that are no event stream: JSON that is read whole before a word of it goes out, and bytes
// that pass through as they come.
#pragma once

#include "sluice/context.h"
#include "sluice/upstream.h"

#include "routing/aftermath.h"

namespace sluice::routing {

// The whole body of a reply, up to `limit` bytes. `which` names the patience in the failure.
Task<Result<std::string_view>> read_whole(UpstreamReply& reply, Instant patience, std::size_t limit,
                                          std::string_view which = "total");

class WholeReply final : public ItemStream {
 public:
  // `body` is all that is pending in the reply,
  WholeReply(ArenaPtr<UpstreamReply> reply, std::string_view body, Aftermath aftermath)
      : aftermath_(std::move(aftermath)), reply_(std::move(reply)) {
    item_.raw = body;
  }
  // or what a plan made.
  WholeReply(ArenaPtr<Plan> plan, std::string_view body, Aftermath aftermath)
      : aftermath_(std::move(aftermath)), plan_(std::move(plan)) {
    item_.raw = body;
  }

  Task<Result<Batch>> next() override {
    if (meaning_) item_.events = meaning_->events;
    return Batch{.items = {&item_, 1}, .last = true};
  }
  // Before the body is decoded.
  void need_meaning() override {
    if (!meaning_) meaning_ = std::make_unique<Meaning>();
  }
  // Null: nobody asks for it.
  Meaning* meaning() { return meaning_.get(); }

 private:
  Aftermath aftermath_;
  ArenaPtr<UpstreamReply> reply_;
  ArenaPtr<Plan> plan_;
  Item item_;
  std::unique_ptr<Meaning> meaning_;
};

class ByteStream final : public ItemStream {
 public:
  ByteStream(Context& context, Attempt& attempt, ArenaPtr<UpstreamReply> reply, Duration between,
             Aftermath aftermath)
      : context_(context),
        attempt_(attempt),
        aftermath_(std::move(aftermath)),
        reply_(std::move(reply)),
        between_(between) {}

  Task<Result<Batch>> next() override;
  void need_meaning() override { meaning_ = true; }

 private:
  Context& context_;
  Attempt& attempt_;
  Aftermath aftermath_;
  ArenaPtr<UpstreamReply> reply_;
  Duration between_;
  std::size_t given_ = 0;
  Item item_;
  Event event_ = Bytes{};
  bool meaning_ = false;
};

}  // namespace sluice::routing
