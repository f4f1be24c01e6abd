#include "server/translated.h"

#include "base/sse.h"
#include "dialect/answer_encoder.h"
#include "dialect/translate.h"

#include <chrono>
#include <string>
#include <utility>

namespace sluice::server {
namespace {

std::string_view model_told(const Context& context, const Request& request) {
  const Attempt* teller = context.account.teller();
  return teller && !teller->model.empty() ? teller->model : request.model;
}

std::int64_t unix_time() {
  using std::chrono::system_clock;
  return system_clock::to_time_t(system_clock::now());
}

Framing framing_of(std::string_view content_type) {
  if (content_type == "text/event-stream") return Framing::Sse;
  if (content_type == "application/vnd.amazon.eventstream") return Framing::AwsEvents;
  return Framing::None;
}

class Translated final : public ItemStream {
 public:
  Translated(ArenaPtr<ItemStream> items, ArenaPtr<dialect::Encoder> encoder, Framing framing)
      : items_(std::move(items)), encoder_(std::move(encoder)), framing_(framing) {}

  Task<Result<Batch>> next() override {
    written_.clear();
    for (;;) {
      CO_TRY(const Batch batch, co_await items_->next());
      for (const Item& item : batch.items) {
        if (item.origin != Origin::Ping)
          encoder_->say(item.events, written_);
        else if (framing_ == Framing::Sse)
          written_ += item.raw;
      }
      if (batch.last) encoder_->end(written_);
      // Frames that say nothing in this dialect make no batch; a whole answer is one, and so is
      // whatever comes first: then it is time for the head.
      const bool first = std::exchange(first_, false);
      if (written_.empty() && !batch.last && !first) continue;
      item_.raw = written_;
      co_return Batch{.items = {&item_, written_.empty() ? std::size_t{0} : std::size_t{1}},
                      .last = batch.last};
    }
  }
  void need_meaning() override {}

 private:
  ArenaPtr<ItemStream> items_;
  ArenaPtr<dialect::Encoder> encoder_;
  std::string written_;
  Item item_;
  Framing framing_;
  bool first_ = true;
};

// The events of a stream as the elements of one JSON array, which is how Gemini's streams are told
// to those who do not ask for events.
class AsArray final : public ItemStream {
 public:
  explicit AsArray(ArenaPtr<ItemStream> items) : items_(std::move(items)) {}

  Task<Result<Batch>> next() override {
    written_.clear();
    for (;;) {
      CO_TRY(const Batch batch, co_await items_->next());
      for (const Item& item : batch.items) {
        if (item.origin != Origin::Ping) take(item.raw);
      }
      if (batch.last) written_ += begun_ ? "\n]" : "[]";
      const bool first = std::exchange(first_, false);
      if (written_.empty() && !batch.last && !first) continue;
      item_.raw = written_;
      co_return Batch{.items = {&item_, 1}, .last = batch.last};
    }
  }
  void need_meaning() override { items_->need_meaning(); }

 private:
  // Whole frames, one or more.
  void take(std::string_view frames) {
    sse::Splitter splitter(frames.size());
    sse::Frame frame;
    while (splitter.next(frames, frame) == sse::Splitter::Step::Frame) {
      if (!frame.has_data()) continue;
      written_ += begun_ ? ",\n" : "[";
      written_ += frame.data(scratch_);
      begun_ = true;
    }
  }

  ArenaPtr<ItemStream> items_;
  std::string written_;
  std::string scratch_;
  Item item_;
  bool first_ = true;
  bool begun_ = false;  // The array is open.
};

}  // namespace

Result<void> translate_reply(Context& context, const Request& request, Reply& reply) {
  if (reply.dialect == Dialect::Opaque) return {};
  if (!reply.retold && !dialect::differs(request, reply.dialect)) {
    if (request.stream_array && reply.head.framing == Framing::Sse) {
      reply.head.content_type = "application/json";
      reply.head.framing = Framing::None;
      reply.items = context.arena.make<AsArray>(std::move(reply.items));
    }
    return {};
  }
  const dialect::Shape shape{.stream = request.stream,
                             .array = request.stream_array,
                             .usage_asked = request.usage_asked,
                             .id = context.id,
                             .model = model_told(context, request),
                             .now = unix_time(),
                             .asked = request.conversation};
  auto encoder = dialect::answer_encoder(request.operation, context.arena, shape);
  if (!encoder) {
    return fail(ErrorKind::Internal, "internal_error", "The answer cannot be told by this API.");
  }
  const std::string_view content_type = encoder->content_type();
  reply.head.content_type = content_type;
  reply.head.length.reset();
  reply.head.framing = framing_of(content_type);
  reply.dialect = request.traits().dialect;
  reply.items = context.arena.make<Translated>(std::move(reply.items), std::move(encoder),
                                               reply.head.framing);
  return {};
}

}  // namespace sluice::server
