#include "routing/aftermath.h"

#include "ledger/prices.h"
#include "routing/common_knowledge.h"

#include <algorithm>

namespace sluice::routing {
namespace {

// What the target cannot help: it was asked for something impossible, with a bad key, or too often.
bool is_refusal(const Attempt& attempt) {
  return attempt.status >= 400 && attempt.status < 500;
}

}  // namespace

void Aftermath::settle() {
  const Instant now = context_->clock.now();
  const Instant ended = attempt_->ended == Instant() ? now : attempt_->ended;
  settle_allowances(now);
  switch (attempt_->outcome) {
    case Outcome::Answered:
      tell_speed(ended);
      engagement_.answered(now);
      if (lessons_) learn(true, ended);
      break;
    case Outcome::Failed:
    case Outcome::Unreachable:
    case Outcome::TimedOut:
      if (attempt_->hurried) {
        engagement_.neutral();
      } else if (is_refusal(*attempt_)) {
        engagement_.refused(now);
      } else {
        engagement_.failed(now, random_->next());
        if (lessons_) learn(false, ended);
      }
      break;
    case Outcome::Refused:
      engagement_.refused(now);
      break;
    case Outcome::Unfinished:
      engagement_.neutral();
  }
}

// Of an answer that told its usage; what another took stays as it was estimated.
void Aftermath::settle_allowances(Instant now) const {
  if (!attempt_->exact) return;
  const auto used = static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, attempt_->usage.input + attempt_->usage.output));
  for (Allowance* const allowance : {granted_.own, granted_.providers}) {
    if (allowance) allowance->settle(granted_.tokens, used, now);
  }
}

void Aftermath::tell_speed(Instant ended) {
  const Attempt& attempt = *attempt_;
  if (attempt.first_content == Instant() || attempt.sent == Instant()) return;
  const std::int64_t told =
      attempt.exact ? attempt.usage.output : static_cast<std::int64_t>(attempt.generated_bytes / 4);
  const auto tokens = static_cast<std::uint64_t>(std::max<std::int64_t>(0, told));
  Duration first = attempt.first_content - attempt.sent;
  Duration rest = ended - attempt.first_content;
  if (rest <= first / 64) {
    // It came in one piece: most of the time went by while the words were made.
    const double per_token = engagement_.target()->latency.per_token(ended);
    const Duration made =
        per_token > 0 ? std::chrono::duration_cast<Duration>(
                            std::chrono::duration<double>(per_token * static_cast<double>(tokens)))
                      : first * 4 / 5;
    const Duration least = first / 10;
    const Duration begun = std::max(least, first - made);
    rest += first - begun;
    first = begun;
  }
  engagement_.first_token(first, ended);
  if (tokens > 0) engagement_.finished(tokens, rest, ended);
}

void Aftermath::learn(bool succeeded, Instant ended) const {
  const Attempt& attempt = *attempt_;
  const Usage& usage = attempt.usage;
  CommonKnowledge& common = *lessons_->common;
  Trial trial{.seconds = std::chrono::duration<double>(ended - attempt.begun).count(),
              .succeeded = succeeded};
  if (succeeded && lessons_->price && !lessons_->learned.empty() && usage != Usage()) {
    trial.cost_pico = ledger::cost_of(*lessons_->price, usage).pico_dollars;
  }
  for (const Lessons::Lesson& lesson : lessons_->learned) {
    common.learning.observe(lesson.group, lesson.traffic_class, lesson.target, trial);
  }
  if (!succeeded) return;
  if (!lessons_->learned.empty()) {
    // A request is rated once, so it is the outermost group that learns from it.
    const Lessons::Lesson& lesson = lessons_->learned.front();
    common.learning.remember(context_->id, lesson.group, lesson.traffic_class, lesson.target);
  }
  if (lessons_->prompt) {
    const double cached =
        usage.input > 0 ? static_cast<double>(usage.cached) / static_cast<double>(usage.input) : 0;
    common.prompts.answered(*lessons_->prompt, lessons_->target, cached, ended);
  }
}

}  // namespace sluice::routing
