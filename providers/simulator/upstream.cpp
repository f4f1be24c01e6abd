#include "providers/simulator/upstream.h"

#include "base/text.h"

#include <algorithm>

namespace sluice::providers::simulator {
namespace {

std::unexpected<Failure> cut_off() {
  return fail(
      ApiError{.kind = ErrorKind::UpstreamUnavailable,
               .code = "upstream_bad_response",
               .message = "The provider closed the connection before its answer was complete.",
               .retry = Retry::OtherTarget});
}

std::unexpected<Failure> late() {
  return fail(ApiError{.kind = ErrorKind::DeadlineExceeded,
                       .code = "upstream_timeout",
                       .message = "The provider did not answer in time.",
                       .retry = Retry::OtherTarget});
}

class Played final : public UpstreamReply {
 public:
  Played(Context& context, Reply reply) : clock_(context.clock), script_(std::move(reply.script)) {
    head_.status = reply.head.status;
    head_.content_type = reply.head.content_type;
    if (head_.content_type.starts_with("text/event-stream")) head_.framing = Framing::Sse;
    head_.length = reply.head.content_length;
    FieldList passed(context.draft, 2);
    for (const Header& header : reply.head.headers) {
      const bool precise = header.name == "retry-after-ms";
      if (!precise && header.name != "retry-after") continue;
      passed.add(header.name, context.draft.keep(header.value));
      if (const auto number = text::parse_uint(header.value)) {
        head_.retry_after = std::chrono::milliseconds(precise ? *number : *number * 1000);
      }
    }
    head_.fields = passed.all();
  }

  const UpstreamHead& head() const override { return head_; }
  std::string_view pending() const override { return std::string_view(bytes_).substr(consumed_); }
  void consume(std::size_t count) override { consumed_ += count; }
  bool complete() const override { return ended_ == Then::Finish; }

  Task<Result<bool>> more(Instant patience) override {
    if (!next_) next_ = script_.next();
    if (due_ == Instant()) due_ = clock_.now() + next_->wait;
    for (;;) {
      if (ended_ == Then::Finish) co_return false;
      if (ended_ == Then::Cut || ended_ == Then::Reset) co_return cut_off();
      const bool stalls = ended_ == Then::Stall;
      if (stalls || due_ > patience) {
        co_await clock_.sleep_until(patience);
        co_return late();
      }
      if (due_ > clock_.now()) co_await clock_.sleep_until(due_);
      if (take_due_steps()) co_return true;
    }
  }

 private:
  // What is due goes out together, as a socket would deliver it. False: nothing was to be sent.
  bool take_due_steps() {
    bytes_.erase(0, std::exchange(consumed_, 0));
    const std::size_t before = bytes_.size();
    for (;;) {
      bytes_ += next_->bytes;
      if (next_->then != Then::Continue) {
        ended_ = next_->then;
        break;
      }
      next_ = script_.next();
      due_ = clock_.now() + next_->wait;
      if (next_->wait.count() > 0 || bytes_.size() - before > kAtOnce) break;
    }
    return bytes_.size() > before;
  }

  static constexpr std::size_t kAtOnce = 8 * 1024;

  Clock& clock_;
  Script script_;
  UpstreamHead head_;
  std::optional<Step> next_;
  Instant due_{};
  Then ended_ = Then::Continue;
  std::string bytes_;
  std::size_t consumed_ = 0;
};

Task<Result<std::string>> whole_body(const UpstreamRequest& request) {
  std::string body;
  if (!request.body) {
    body.reserve(request.size);
    for (const std::string_view piece : request.pieces) body += piece;
    co_return body;
  }
  for (;;) {
    CO_TRY(const std::string_view piece, co_await request.body->next());
    if (piece.empty()) co_return body;
    body += piece;
  }
}

}  // namespace

Task<Result<ArenaPtr<UpstreamReply>>> InProcess::send(Context& context,
                                                      const UpstreamRequest& request,
                                                      Attempt& attempt) {
  CO_TRY(const std::string body, co_await whole_body(request));
  const std::uint64_t seed = seed_->fetch_add(1, std::memory_order_relaxed);
  Reply reply =
      simulator_.respond({.method = request.method, .path = request.path, .body = body}, seed);
  attempt.sent = std::chrono::steady_clock::now();
  if (reply.head.wait.count() > 0) {
    const Instant until = context.clock.now() + reply.head.wait;
    co_await context.clock.sleep_until(std::min(until, context.deadline));
    if (until > context.deadline) co_return late();
  }
  co_return ArenaPtr<UpstreamReply>(context.arena.make<Played>(context, std::move(reply)));
}

}  // namespace sluice::providers::simulator
