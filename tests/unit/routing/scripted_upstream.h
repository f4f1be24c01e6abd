// A provider that gives the answers of a script and remembers what it was asked.
#pragma once

#include "sluice/upstream.h"

#include "unit/routing/scripted_reply.h"

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::routing {

struct Answer {
  UpstreamHead head = {};
  std::deque<Step> steps = {};
  Duration after{};                      // Until its head comes.
  std::optional<ApiError> failure = {};  // Instead of an answer.
};

inline Answer json_answer(int status, std::string body, Duration after = {}) {
  return {.head = answer_head(status, "application/json"),
          .steps = {{std::move(body)}, finish()},
          .after = after};
}
inline Answer stream_answer(std::deque<Step> steps, Duration after = {}) {
  return {.head = answer_head(200, "text/event-stream"), .steps = std::move(steps), .after = after};
}
// Nobody is there.
inline Answer no_connection(Duration after = {}) {
  return {.after = after,
          .failure = ApiError{.kind = ErrorKind::UpstreamUnavailable,
                              .code = "upstream_error",
                              .message = "The provider could not be reached.",
                              .retry = Retry::OtherTarget}};
}

class ScriptedUpstream final : public Upstream {
 public:
  explicit ScriptedUpstream(Clock& clock) : clock_(clock) {}

  // When the script is over, nobody is there.
  Task<Result<ArenaPtr<UpstreamReply>>> send(Context& context, const UpstreamRequest& request,
                                             Attempt& attempt) override {
    std::string body;
    for (const std::string_view piece : request.pieces) body += piece;
    asked.push_back(std::move(body));
    paths.emplace_back(request.path);
    asked_at.push_back(clock_.now());
    answer_by = request.answer_by;
    attempt.sent = clock_.now();
    Answer answer = no_connection();
    if (!answers.empty()) {
      answer = std::move(answers.front());
      answers.pop_front();
    }
    const Instant at = clock_.now() + answer.after;
    co_await clock_.sleep_until(std::min(at, request.answer_by));
    if (at > request.answer_by) {
      co_return fail(ApiError{.kind = ErrorKind::DeadlineExceeded,
                              .code = "upstream_timeout",
                              .message = "The provider timed out.",
                              .retry = Retry::OtherTarget});
    }
    if (answer.failure) co_return fail(*std::move(answer.failure));
    co_return ArenaPtr<UpstreamReply>(
        context.arena.make<ScriptedReply>(clock_, answer.head, std::move(answer.steps)));
  }

  std::deque<Answer> answers;
  std::vector<std::string> asked;
  std::vector<std::string> paths;
  std::vector<Instant> asked_at;
  Instant answer_by{};  // As it was told the last time.

 private:
  Clock& clock_;
};

}  // namespace sluice::routing
