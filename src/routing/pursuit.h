// Makes a group answer one request: one target after another, at times two beside each other, until
// there is an answer, or no time or nobody is left.
#pragma once

#include "routing/attempts.h"
#include "routing/overlap.h"
#include "routing/plan.h"

namespace sluice::routing {

class ToldSoFar;

// An answer that goes on where another broke off.
struct Continuation {
  Reply reply;
  Overlap seam;
};

class Pursuit {
 public:
  // All of them outlive it.
  Pursuit(RouterGround& ground, Group& group, Context& context, Request& request)
      : ground_(ground),
        group_(group),
        context_(context),
        request_(request),
        plan_(ground, group, context, request) {}

  // The answer. Where others may still be asked behind its beginning, its items keep the pursuit.
  static Task<Result<Reply>> run(ArenaPtr<Pursuit> pursuit);

  // The answer that was handed out broke; the caller was told so much of it. Fails with the same
  // failure when nobody can go on.
  Task<Result<Continuation>> go_on(Failure why, const ToldSoFar& told);
  // Of all attempts, those that told nothing by estimate.
  Usage usage_of_all() const;
  Dialect callers_dialect() const { return request_.traits().dialect; }
  std::string explain() { return plan_.explain(); }

 private:
  // An answer without a word, and whose it is.
  struct Hollow {
    Reply reply;
    const Attempt* attempt;
  };

  bool may_be_taken_over(const Reply& reply);
  bool is_hollow(const Reply& reply) const;
  Task<Result<Reply>> answer(ArenaPtr<Pursuit> owner, Failure last);
  Reply handed_out(ArenaPtr<Pursuit> owner, Reply reply);
  Task<Result<Reply>> ask(const Pick& pick);
  std::optional<Result<Reply>> count_here(const Pick& pick);
  Task<Result<Reply>> ask_one(const Pick& pick, bool hedge);
  Task<Result<Reply>> ask_in_turn(Pick pick, Aim aim);
  Task<Result<Reply>> ask_two(Pick slow, Duration after);
  std::optional<Duration> hedge_after(const Pick& pick) const;
  Duration time_of_words(const Pick& pick) const;
  void end_losers() const;
  void count_hedge(bool won) const;
  Task<Result<Bulkhead::Slot>> enter(Bulkhead& bulkhead) const;
  TryRules rules_for(const Destination& destination) const;
  Request& request_for(const Pick& pick);
  Result<void> continue_from(std::string_view text);
  enum class Next : bool { ToBeAsked, Asked };
  bool may_go_on(const ApiError& error, Next next = Next::ToBeAsked);
  Task<bool> wait_for_next(const ApiError& error);
  std::unexpected<Failure> give_up(Failure failure) const;

  RouterGround& ground_;
  Group& group_;
  Context& context_;
  Request& request_;
  Plan plan_;
  // The request with what the caller was told already: for models that go on from an assistant's
  // turn, and for those that have to be asked to.
  Request* prefilled_ = nullptr;
  Request* nudged_ = nullptr;
  std::optional<Pick> current_;  // Whose answer was handed out.
  std::uint32_t tries_ = 0;
  std::uint32_t rounds_ = 0;                              // In which the same ones are asked again.
  bool turned_ = false;                                   // To a list for refused requests.
  bool retells_ = false;                                  // What is handed out are events.
  std::optional<std::chrono::milliseconds> retry_after_;  // The soonest that any of them told.
};

}  // namespace sluice::routing
