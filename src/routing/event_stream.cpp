#include "routing/event_stream.h"

#include "base/log.h"
#include "routing/outcome.h"

#include <algorithm>

namespace sluice::routing {
namespace {

constexpr Duration kPingEvery = std::chrono::seconds(15);
constexpr Duration kClosing = std::chrono::seconds(1);
constexpr std::string_view kPing = ": ping\n\n";

}  // namespace

EventStream::EventStream(Context& context, Attempt& attempt, ArenaPtr<UpstreamReply> reply,
                         ArenaPtr<Decoder> decoder, const Patience& patience, Aftermath aftermath)
    : context_(context),
      attempt_(attempt),
      aftermath_(std::move(aftermath)),
      reply_(std::move(reply)),
      decoder_(std::move(decoder)),
      patience_(patience),
      framer_(reply_->head().framing, patience.event_limit),
      last_read_(context.clock.now()) {}

void EventStream::note(const Signals& signals) {
  attempt_.generated_bytes += signals.text_bytes;
  if (decoder_->usage()) {
    attempt_.usage = *decoder_->usage();
    attempt_.exact = decoder_->finished();  // What was told of the input alone is half of it.
  }
  if (!signals.content) return;
  ++attempt_.content_events;
  if (content_) return;
  content_ = true;
  attempt_.first_content = context_.clock.now();
}

void EventStream::keep(const Frame& frame, std::size_t at, std::size_t events_begin) {
  const std::size_t events_end = meaning_ ? meaning_->events.size() : 0;
  if (!frame.clean) {
    const std::size_t begin = cleaned_.size();
    framer_.append_clean(cleaned_);
    if (cleaned_.size() > begin) {
      pieces_.push_back({begin, cleaned_.size() - begin, events_begin, events_end, true});
    }
    return;
  }
  // Neighbours go out as one, unless each one's meaning is asked for.
  if (!pieces_.empty() && !meaning_) {
    Piece& before = pieces_.back();
    if (!before.cleaned && before.at + before.size == at) {
      before.size += frame.raw.size();
      return;
    }
  }
  pieces_.push_back({at, frame.raw.size(), events_begin, events_end, false});
}

Result<void> EventStream::take_frame(const Frame& frame, std::size_t at) {
  const std::size_t events_begin = meaning_ ? meaning_->events.size() : 0;
  if (!frame.has_data) {
    keep(frame, at, events_begin);
    return {};
  }
  std::string_view data = frame.data;
  // Events are views of it, and what is pending moves while the batch is still being read.
  if (meaning_) data = meaning_->texts.keep(data);
  auto signals = decoder_->frame(frame.event, data, meaning_.get());
  if (!signals) return fail_within(std::move(signals.error()), frame, at);
  note(*signals);
  if (!signals->withhold) keep(frame, at, events_begin);
  if (signals->end) {
    ended_ = true;
    attempt_.outcome = Outcome::Answered;
  }
  return {};
}

// Behind the first content an error event is the stream's honest end, where the caller's dialect is
// the same; in others it has to be told.
Result<void> EventStream::fail_within(Failure failure, const Frame& frame, std::size_t at) {
  attempt_.outcome = Outcome::Failed;
  if (!content_ || meaning_ || failure->code != "upstream_error") return pass_on(failure);
  ended_ = true;
  const std::string told = log::scrubbed(frame.raw);
  if (told == frame.raw) {
    keep(frame, at, meaning_ ? meaning_->events.size() : 0);
    return {};
  }
  const std::size_t begin = cleaned_.size();
  cleaned_ += told;
  pieces_.push_back({begin, told.size(), 0, 0, true});
  return {};
}

Result<void> EventStream::take_frames() {
  const std::string_view pending = reply_->pending();
  std::string_view rest = pending.substr(looked_at_);
  Frame frame;
  while (!ended_) {
    const std::size_t at = pending.size() - rest.size();
    const auto step = framer_.next(rest, frame);
    if (step == Framer::Step::TooLarge)
      return fail(bad_answer("One event of the provider's stream is too large."));
    if (step == Framer::Step::Malformed)
      return fail(bad_answer("The provider's stream is not framed as it should be."));
    if (step == Framer::Step::NeedMore) break;
    looked_at_ = pending.size() - rest.size();
    TRY_VOID(take_frame(frame, at));
  }
  return {};
}

std::unexpected<Failure> EventStream::give_up(Failure failure, Outcome outcome) {
  attempt_.outcome = outcome;
  attempt_.ended = context_.clock.now();
  failure->message = log::scrubbed(failure->message);  // It may quote what we sent.
  return std::unexpected(std::move(failure));
}

// Some leave out the blank line behind their last event. What is no event is only the cut end.
Result<void> EventStream::take_tail() {
  const std::string_view tail = reply_->pending().substr(looked_at_);
  Frame frame;
  if (!framer_.finish(tail, frame)) return {};
  looked_at_ += tail.size();
  return take_frame(frame, looked_at_ - tail.size());
}

Result<void> EventStream::end_of_body() {
  auto tail = take_tail();
  if (!tail && tail.error()->code == "upstream_error") return tail;
  if (ended_) return {};
  ended_ = true;
  if (tail && decoder_->finished()) {
    attempt_.outcome = Outcome::Answered;
    return {};
  }
  if (!content_) return fail(bad_answer("The provider's stream ended without an answer."));
  return fail(bad_answer("The provider's stream ended before the answer was complete."));
}

Instant EventStream::patience_ends() const {
  if (!content_) return attempt_.sent + patience_.first_content;
  return last_read_ + patience_.between;
}

void EventStream::forget_handed_out() {
  reply_->consume(given_);
  looked_at_ -= given_;
  given_ = 0;
  pieces_.clear();
  cleaned_.clear();
  if (meaning_) meaning_->clear();
}

// Reads until something can be handed out.
Task<Result<void>> EventStream::pull() {
  forget_handed_out();
  if (failure_) co_return give_up(std::move(failure_), Outcome::Failed);
  if (ended_) {
    // All was said; the end of the framing lets the connection serve others.
    const Instant until = context_.clock.now() + kClosing;
    for (bool open = true; open && !reply_->complete();) {
      const auto more = co_await reply_->more(until);
      open = more && *more;
    }
    closed_ = true;
    co_return Result<void>();
  }
  const Instant ping_at = context_.clock.now() + kPingEvery;
  for (;;) {
    if (auto taken = take_frames(); !taken) {
      if (pieces_.empty() || !content_)
        co_return give_up(std::move(taken.error()), Outcome::Failed);
      failure_ = std::move(taken.error());  // What came before it goes out first.
    }
    const bool may_go = content_ || committed_ || ended_ || looked_at_ >= patience_.commit_bytes;
    if (may_go && (!pieces_.empty() || ended_)) co_return Result<void>();

    const Instant patience = patience_ends();
    const Instant commit_at = attempt_.sent + patience_.commit;
    const Instant until = std::min({patience, committed_ ? ping_at : commit_at, context_.deadline});
    auto more = co_await reply_->more(until);
    const Instant now = context_.clock.now();
    if (more) {
      last_read_ = now;
      if (*more) continue;
      if (auto ended = end_of_body(); !ended)
        co_return give_up(std::move(ended.error()), Outcome::Failed);
      continue;
    }
    if (more.error()->kind != ErrorKind::DeadlineExceeded) {
      co_return give_up(std::move(more.error()), Outcome::Failed);
    }
    if (now >= patience || now >= context_.deadline) {
      attempt_.hurried = now < patience;
      const std::string_view which = now < patience ? "request"
                                     : content_     ? "between_tokens"
                                                    : "first_token";
      auto failure = fail(timed_out(which));
      co_return give_up(std::move(failure.error()), Outcome::TimedOut);
    }
    // Time for the head, or for a sign of life.
    ping_ = committed_;
    co_return Result<void>();
  }
}

Task<Result<void>> EventStream::await_content() {
  CO_TRY_VOID(co_await pull());
  ready_ = true;
  co_return Result<void>();
}

void EventStream::read_anew(ArenaPtr<Decoder> decoder) {
  decoder_ = std::move(decoder);
  framer_ = Framer(reply_->head().framing, patience_.event_limit);
  forget_handed_out();
  looked_at_ = 0;
  need_meaning();
  if (auto taken = take_frames(); !taken) failure_ = std::move(taken.error());
}

Batch EventStream::hand_out() {
  items_.clear();
  const std::string_view pending = reply_->pending();
  for (const Piece& piece : pieces_) {
    const std::string_view source = piece.cleaned ? std::string_view(cleaned_) : pending;
    Item item{.raw = source.substr(piece.at, piece.size)};
    if (meaning_) {
      item.events = std::span(meaning_->events)
                        .subspan(piece.events_begin, piece.events_end - piece.events_begin);
    }
    items_.push_back(item);
  }
  if (ping_) items_.push_back({.raw = kPing, .events = {}, .origin = Origin::Ping});
  ping_ = false;
  given_ = looked_at_;
  committed_ = true;
  if (ended_) attempt_.ended = context_.clock.now();
  return {.items = items_, .last = ended_ && (closed_ || reply_->complete())};
}

Task<Result<Batch>> EventStream::next() {
  if (!ready_) CO_TRY_VOID(co_await pull());
  ready_ = false;
  co_return hand_out();
}

}  // namespace sluice::routing
