// A provider's answer that comes by a script, on a clock of the test's.
#pragma once

#include "sluice/clock.h"
#include "sluice/upstream.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>

namespace sluice::routing {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Step {
  enum class Then { Continue, Finish, Cut };

  std::string bytes;
  Duration after = Duration::zero();  // The step before.
  Then then = Then::Continue;
};

inline Step finish() {
  return {.bytes = {}, .then = Step::Then::Finish};
}
inline Step cut() {
  return {.bytes = {}, .then = Step::Then::Cut};
}

class ScriptedReply final : public UpstreamReply {
 public:
  ScriptedReply(Clock& clock, UpstreamHead head, std::deque<Step> steps)
      : clock_(clock), head_(head), steps_(std::move(steps)), due_(clock.now()) {
    if (!steps_.empty()) due_ += steps_.front().after;
  }

  const UpstreamHead& head() const override { return head_; }
  std::string_view pending() const override { return {bytes_.get(), size_}; }
  void consume(std::size_t bytes) override { move_to_new_place(size_ - bytes, bytes, {}); }
  bool complete() const override { return finished_; }

  // At the end of the script nothing more comes.
  Task<Result<bool>> more(Instant patience) override {
    if (finished_) co_return false;
    if (steps_.empty() || due_ > patience) {
      co_await clock_.sleep_until(patience);
      co_return fail(ApiError{.kind = ErrorKind::DeadlineExceeded,
                              .code = "upstream_timeout",
                              .retry = Retry::OtherTarget});
    }
    co_await clock_.sleep_until(due_);
    const Step step = std::move(steps_.front());
    steps_.pop_front();
    if (!steps_.empty()) due_ = clock_.now() + steps_.front().after;
    if (step.then == Step::Then::Cut) {
      co_return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                              .code = "upstream_bad_response",
                              .message = "cut",
                              .retry = Retry::OtherTarget});
    }
    finished_ = step.then == Step::Then::Finish;
    if (step.bytes.empty() && finished_) co_return false;
    move_to_new_place(size_, 0, step.bytes);
    co_return true;
  }

 private:
  // What was shown before is gone, as it is in a buffer that moves: sanitizers see who still looks.
  void move_to_new_place(std::size_t kept, std::size_t from, std::string_view added) {
    auto moved = std::make_unique<char[]>(kept + added.size());
    std::copy_n(bytes_.get() + from, kept, moved.get());
    std::ranges::copy(added, moved.get() + kept);
    bytes_ = std::move(moved);
    size_ = kept + added.size();
  }

  Clock& clock_;
  UpstreamHead head_;
  std::deque<Step> steps_;
  Instant due_;
  std::unique_ptr<char[]> bytes_ = std::make_unique<char[]>(0);
  std::size_t size_ = 0;
  bool finished_ = false;
};

inline UpstreamHead answer_head(int status, std::string_view content_type) {
  UpstreamHead head;
  head.status = status;
  head.content_type = content_type;
  if (content_type == "text/event-stream") head.framing = Framing::Sse;
  return head;
}

inline std::string frame(std::string_view data) {
  return "data: " + std::string(data) + "\n\n";
}
inline std::string role_frame() {
  return frame(R"({"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":"assistant"}}]})");
}
inline std::string text_frame(std::string_view text) {
  return frame(R"({"id":"c1","choices":[{"index":0,"delta":{"content":")" + std::string(text) +
               R"("}}]})");
}
inline std::string stop_frame() {
  return frame(R"({"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})");
}
inline std::string usage_frame() {
  return frame(R"({"id":"c1","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}})");
}
inline std::string done_frame() {
  return frame("[DONE]");
}

}  // namespace sluice::routing
