#include "routing/watched_stream.h"

#include "net/loop.h"
#include "routing/router_ground.h"

namespace sluice::routing {

WatchedStream::~WatchedStream() {
  if (call_ && whole_ && !context_.abandoned) begin_call();
  const Attempt* teller = context_.account.teller();
  if (call_ || !teller) return;
  Figures figures = figures_of(ground_.snapshot, context_.account, *teller, context_.clock);
  figures.shape = std::move(shape_);
  comparison_->tell_primary(std::move(figures));
}

void WatchedStream::begin_call() {
  ground_.loop->spawn(ShadowCall::run(std::move(call_)));
}

Task<Result<Batch>> WatchedStream::next() {
  // Who asks for more has passed on what came before.
  if (call_ && under_way_ && !context_.abandoned) begin_call();
  CO_TRY(const Batch batch, co_await items_->next());
  for (const Item& item : batch.items) look_at(item);
  under_way_ = true;
  whole_ = batch.last;
  co_return batch;
}

void WatchedStream::look_at(const Item& item) {
  if (item.origin == Origin::Ping) return;
  if (reading_.decoder) return read(item.raw);
  shape_.add(item.events);
}

void WatchedStream::read(std::string_view raw) {
  if (!reading_.framed) {
    if (reading_.decoder->body(raw, &meaning_)) shape_.add(meaning_.events);
    meaning_.clear();
    return;
  }
  Frame frame;
  while (reading_.framer.next(raw, frame) == Framer::Step::Frame) read(frame);
  // The last one may lack its end.
  if (!raw.empty() && reading_.framer.finish(raw, frame)) read(frame);
}

void WatchedStream::read(const Frame& frame) {
  if (!frame.has_data || reading_.decoder->ended()) return;
  if (reading_.decoder->frame(frame.event, frame.data, &meaning_)) shape_.add(meaning_.events);
  meaning_.clear();
}

}  // namespace sluice::routing
