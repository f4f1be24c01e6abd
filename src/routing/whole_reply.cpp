#include "routing/whole_reply.h"

#include "routing/outcome.h"

#include <algorithm>

namespace sluice::routing {

namespace {

Task<Result<std::string_view>> read_rest(UpstreamReply& reply, Instant patience, std::size_t limit,
                                         std::string_view which) {
  while (!reply.complete()) {
    auto grown = co_await reply.more(patience);
    if (!grown && grown.error()->kind == ErrorKind::DeadlineExceeded) {
      grown.error()->message = "The provider timed out: " + std::string(which) + ".";
    }
    if (!grown) co_return pass_on(grown.error());
    if (!*grown) break;
    if (reply.pending().size() > limit) {
      co_return fail(bad_answer("The provider's answer is too large."));
    }
  }
  co_return reply.pending();
}

}  // namespace

Task<Result<std::string_view>> read_whole(UpstreamReply& reply, Instant patience, std::size_t limit,
                                          std::string_view which) {
  if (reply.complete()) return reply.pending();
  return read_rest(reply, patience, limit, which);
}

Task<Result<Batch>> ByteStream::next() {
  reply_->consume(given_);
  given_ = 0;
  bool grown = true;
  if (reply_->pending().empty() && !reply_->complete()) {
    const Instant now = context_.clock.now();
    auto more = co_await reply_->more(std::min(context_.deadline, now + between_));
    if (!more) {
      attempt_.outcome =
          more.error()->kind == ErrorKind::DeadlineExceeded ? Outcome::TimedOut : Outcome::Failed;
      attempt_.ended = context_.clock.now();
      co_return pass_on(more.error());
    }
    grown = *more;
  }
  if (attempt_.first_content == Instant()) attempt_.first_content = context_.clock.now();
  const bool last = !grown || reply_->complete();
  if (last) {
    attempt_.outcome = Outcome::Answered;
    attempt_.ended = context_.clock.now();
  }
  item_.raw = reply_->pending();
  given_ = item_.raw.size();
  if (meaning_) {
    event_ = Bytes{item_.raw};
    item_.events = {&event_, 1};
  }
  if (item_.raw.empty()) co_return Batch{.last = last};
  co_return Batch{.items = {&item_, 1}, .last = last};
}

}  // namespace sluice::routing
