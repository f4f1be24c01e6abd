#include "server/translated.h"

#include "dialect/answer_encoder.h"
#include "dialect/translate.h"

#include <chrono>
#include <string>

namespace sluice::server {
namespace {

std::string_view model_told(const Context& context, const Request& request) {
  const Attempt* last = context.account.last();
  return last && !last->model.empty() ? last->model : request.model;
}

std::int64_t unix_time() {
  using std::chrono::system_clock;
  return system_clock::to_time_t(system_clock::now());
}

class Translated final : public ItemStream {
 public:
  Translated(ArenaPtr<ItemStream> items, ArenaPtr<dialect::Encoder> encoder, bool stream)
      : items_(std::move(items)), encoder_(std::move(encoder)), stream_(stream) {}

  Task<Result<Batch>> next() override {
    written_.clear();
    for (;;) {
      CO_TRY(const Batch batch, co_await items_->next());
      for (const Item& item : batch.items) {
        if (item.origin != Origin::Ping)
          encoder_->say(item.events, written_);
        else if (stream_)
          written_ += item.raw;
      }
      if (batch.last) encoder_->end(written_);
      // Frames that say nothing in this dialect make no batch; a whole answer is one.
      if (written_.empty() && !batch.last) continue;
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
  bool stream_;
};

}  // namespace

Result<void> translate_reply(Context& context, const Request& request, Reply& reply) {
  if (reply.dialect == Dialect::Opaque || !dialect::differs(request, reply.dialect)) return {};
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
  reply.head.framing = content_type == "text/event-stream" ? Framing::Sse : Framing::None;
  reply.dialect = request.traits().dialect;
  reply.items =
      context.arena.make<Translated>(std::move(reply.items), std::move(encoder), request.stream);
  return {};
}

}  // namespace sluice::server
