#include "routing/pursuit.h"

#include "dialect/refusals.h"
#include "dialect/token_count.h"
#include "dialect/translate.h"
#include "routing/outcome.h"
#include "routing/pursued_stream.h"
#include "routing/token_counting.h"

#include <algorithm>

namespace sluice::routing {
namespace {

using std::chrono::milliseconds;

// A moment between nothing and `most`: those that failed together do not come back together.
Duration jittered(Duration most, Random& random) {
  constexpr double kWhole = 0x1p64;
  return std::chrono::duration_cast<Duration>(most * (static_cast<double>(random.next()) / kWhole));
}

}  // namespace

Task<Result<Reply>> Pursuit::run(ArenaPtr<Pursuit> pursuit) {
  Pursuit& it = *pursuit;
  return it.answer(std::move(pursuit), nullptr);
}

// The reply; where others may go on with it, its items keep the pursuit.
Reply Pursuit::handed_out(ArenaPtr<Pursuit> owner, Reply reply) {
  if (!owner) return reply;
  reply.holds_request = may_be_taken_over(reply);
  if (!reply.holds_request) return reply;
  const bool resumes = group_.settings().resume;
  Arena& arena = context_.arena;
  reply.retold = true;
  retells_ = true;
  reply.items->need_meaning();
  reply.items = arena.make<PursuedStream>(std::move(owner), std::move(reply.items), resumes);
  return reply;
}

// A stream: before its first content by another one, behind it where the group says so.
bool Pursuit::may_be_taken_over(const Reply& reply) {
  if (reply.head.framing == Framing::None || !request_.traits().is_conversation()) return false;
  if (!request_.traits().repeatable || tries_ >= group_.attempts()) return false;
  if (group_.settings().resume) return true;
  plan_.tried(*current_);
  return reply.holds_request && plan_.has_another(true);
}

// `owner` is of this: it lives as long as it is pursued. Null: somebody else holds it.
Task<Result<Reply>> Pursuit::answer(ArenaPtr<Pursuit> owner, Failure last) {
  std::optional<Hollow> hollow;
  for (;;) {
    auto pick = plan_.next(tries_ > 0);
    if (!pick && last && !hollow && co_await wait_for_next(*last)) pick = plan_.next(true);
    if (!pick && !last) co_return fail(plan_.nobody());
    if (!pick) break;
    ++tries_;
    current_ = pick;
    auto reply = co_await ask(*pick);
    if (reply && !is_hollow(*reply)) co_return handed_out(std::move(owner), *std::move(reply));
    plan_.tried(*current_);
    if (reply) {
      hollow.emplace(std::move(*reply), context_.account.teller());
      last = std::make_unique<ApiError>(bad_answer("The provider's answer is empty."));
    } else {
      last = std::move(reply.error());
    }
    if (!may_go_on(*last)) break;
  }
  if (!hollow) co_return give_up(std::move(last));
  context_.account.tells(*hollow->attempt);
  co_return handed_out(std::move(owner), std::move(hollow->reply));
}

// A stream that ended properly without a word. Another may have something to say; when nobody has,
// it is the answer.
bool Pursuit::is_hollow(const Reply& reply) const {
  const Attempt* const teller = context_.account.teller();
  return reply.head.framing != Framing::None && request_.traits().is_conversation() && teller &&
         teller->outcome == Outcome::Answered && teller->first_content == Instant();
}

// Not a coroutine: what waits are the frames of those that do the work.
Task<Result<Reply>> Pursuit::ask(const Pick& pick) {
  if (dialect::asks_for_count(request_.operation)) {
    if (auto counted = count_here(pick)) return std::move(*counted);
  }
  if (tries_ == 1) group_.count_request();
  if (const auto after = hedge_after(pick)) return ask_two(pick, *after);
  return ask_one(pick, false);
}

// The tokens of a request, where its target has no way to be asked that.
std::optional<Result<Reply>> Pursuit::count_here(const Pick& pick) {
  const Destination& destination = ground_.destinations[pick.candidate->provider];
  const ProviderKind* kind = destination.kind;
  Target target;
  target.provider = destination.name;
  target.model = pick.candidate->model;
  target.kind = kind;
  target.facts = kind ? kind->find(target.model) : nullptr;
  if (!dialect::differs(request_, destination.provider->dialect(request_, target))) {
    return std::nullopt;
  }
  pick.state->breaker.neutral(pick.claim);
  return answer_count(context_, request_, kind ? kind->type : std::string_view(), target.model);
}

Task<Result<Reply>> Pursuit::ask_one(const Pick& pick, bool hedge) {
  const Destination& destination = ground_.destinations[pick.candidate->provider];
  const Aim aim{.destination = destination,
                .model = pick.candidate->model,
                .state = pick.state,
                .rules = rules_for(destination),
                .second = tries_ > 1,
                .hedge = hedge,
                .lane = pick.lane,
                .last_resort = pick.last_resort,
                .lessons = plan_.lessons(pick.place),
                .granted = pick.granted};
  if (pick.state->bulkhead.is_limited() || destination.bulkhead) return ask_in_turn(pick, aim);
  return attempt(context_, request_for(pick), aim, Engagement(pick.state, pick.claim),
                 ground_.random);
}

Task<Result<Reply>> Pursuit::ask_in_turn(Pick pick, Aim aim) {
  Engagement engagement(pick.state, pick.claim);
  CO_TRY(Bulkhead::Slot own, co_await enter(pick.state->bulkhead));
  engagement.hold_own(std::move(own));
  if (aim.destination.bulkhead) {
    CO_TRY(Bulkhead::Slot providers, co_await enter(*aim.destination.bulkhead));
    engagement.hold_providers(std::move(providers));
  }
  co_return co_await attempt(context_, request_for(pick), aim, std::move(engagement),
                             ground_.random);
}

Task<Result<Bulkhead::Slot>> Pursuit::enter(Bulkhead& bulkhead) const {
  constexpr Duration kLongest = std::chrono::seconds(2);
  if (auto slot = bulkhead.try_enter()) return std::move(*slot);
  if (!ground_.loop) return Result<Bulkhead::Slot>(Bulkhead::Slot());
  const std::string_view key = context_.principal ? context_.principal->id : std::string_view();
  return bulkhead.enter(*ground_.loop, key,
                        std::min(context_.deadline, context_.clock.now() + kLongest));
}

TryRules Pursuit::rules_for(const Destination& destination) const {
  TryRules rules = rules_of(group_.settings(), destination, ground_.event_limit);
  rules.retold = (group_.settings().resume || retells_) && request_.stream;
  rules.replaceable = group_.size() > 1 && tries_ < group_.attempts();
  return rules;
}

// Where the next one was asked already, it takes no more tries to wait for it.
bool Pursuit::may_go_on(const ApiError& error, Next next) {
  if (error.retry_after && (!retry_after_ || *error.retry_after < *retry_after_)) {
    retry_after_ = error.retry_after;
  }
  if (!request_.traits().repeatable || context_.abandoned) return false;
  if (context_.clock.now() >= context_.deadline) return false;
  if (!turned_) {
    const dialect::Refusal refusal = dialect::refusal_of(error);
    Node* const list = refusal == dialect::Refusal::ContextLength   ? group_.on_context_length()
                       : refusal == dialect::Refusal::ContentPolicy ? group_.on_content_policy()
                                                                    : nullptr;
    if (list) {
      turned_ = true;
      plan_.turn_to(*list);
      return true;
    }
  }
  const config::RetrySettings& retry = group_.settings().retry;
  const bool may_try = next == Next::Asked || tries_ < group_.attempts();
  return may_try && may_try_again(error, retry.on);
}

// All were tried: the same ones once more, after a while.
Task<bool> Pursuit::wait_for_next(const ApiError& error) {
  const config::RetrySettings& retry = group_.settings().retry;
  if (!plan_.forget_tries()) co_return false;
  const Duration most = std::min<Duration>(
      retry.max_backoff, retry.backoff * (std::int64_t{1} << std::min(rounds_, 16U)));
  ++rounds_;
  Duration wait = jittered(most, ground_.random);
  if (error.retry_after) {
    if (*error.retry_after > retry.max_backoff) co_return false;
    wait = std::max<Duration>(wait, *error.retry_after);
  }
  const Instant at = context_.clock.now() + wait;
  if (at >= context_.deadline) co_return false;
  co_await context_.clock.sleep_until(at);
  co_return !context_.abandoned;
}

std::unexpected<Failure> Pursuit::give_up(Failure failure) const {
  if (retry_after_) failure->retry_after = retry_after_;
  return std::unexpected(std::move(failure));
}

// ---- Behind the beginning of an answer

Task<Result<Continuation>> Pursuit::go_on(Failure why, const ToldSoFar& told) {
  plan_.tried(*current_);
  if (!may_go_on(*why)) co_return pass_on(why);
  // Of thoughts alone nobody can go on: they are thought anew.
  const std::size_t words = told.text().find_last_not_of(" \t\r\n") + 1;
  if (words > 0) CO_TRY_VOID(continue_from(told.text()));
  CO_TRY(Reply reply, co_await answer(nullptr, std::move(why)));
  if (reply.head.framing == Framing::None) {
    co_return fail(bad_answer("The provider's answer is no stream."));
  }
  Continuation next{.reply = std::move(reply), .seam = {}};
  if (!told.nothing()) {
    ground_.common.tally.resumed.fetch_add(1, std::memory_order_relaxed);
    const std::string_view text = told.text();
    const bool nudged = &request_for(*current_) == nudged_;
    next.seam = Overlap(text, text.size() - words,
                        nudged ? Overlap::Repeats::Perhaps : Overlap::Repeats::No);
  }
  co_return next;
}

Request& Pursuit::request_for(const Pick& pick) {
  if (!prefilled_) return request_;
  const ProviderKind* kind = ground_.destinations[pick.candidate->provider].kind;
  const ModelFacts* facts = kind ? kind->find(pick.candidate->model) : nullptr;
  const Abilities abilities = facts ? facts->abilities : kind ? kind->abilities : Abilities();
  return abilities.has(Ability::Prefill) ? *prefilled_ : *nudged_;
}

Result<void> Pursuit::continue_from(std::string_view text) {
  constexpr std::string_view kNudge =
      "Your last message was cut off. Go on exactly where it ends, without repeating any of it and "
      "without a word about this.";
  constexpr std::int64_t kBytesPerToken = 4;
  TRY_VOID(dialect::read_conversation(context_, request_));
  Arena& arena = context_.draft;
  // Some refuse words that end with white space; the seam knows of it.
  const std::string_view words = arena.keep(text.substr(0, text.find_last_not_of(" \t\r\n") + 1));
  const Conversation& asked = *request_.conversation;
  const std::span<sluice::Turn> turns = arena.array<sluice::Turn>(asked.turns.size() + 2);
  const auto told = std::ranges::uninitialized_copy(asked.turns, turns).out;
  std::construct_at(&*told,
                    sluice::Turn{.role = Role::Assistant,
                                 .parts = arena.array_of(Part{.what = Text{.text = words}})});
  std::construct_at(&*told + 1,
                    sluice::Turn{.role = Role::User,
                                 .parts = arena.array_of(Part{.what = Text{.text = kNudge}})});
  const auto with = [&](std::span<const sluice::Turn> those) {
    auto* conversation = arena.make<Conversation>(asked).release();
    conversation->turns = those;
    if (asked.max_tokens) {
      const auto said = static_cast<std::int64_t>(text.size()) / kBytesPerToken;
      conversation->max_tokens = std::max<std::int64_t>(1, *asked.max_tokens - said);
    }
    auto* request = arena.make<Request>(request_).release();
    request->conversation = conversation;
    request->written_in = Dialect::Opaque;  // It stands in no body.
    return request;
  };
  nudged_ = with(turns);
  prefilled_ = with(turns.first(turns.size() - 1));
  return {};
}

Usage Pursuit::usage_of_all() const {
  constexpr std::uint64_t kBytesPerToken = 4;
  Usage sum;
  for (const Attempt* one = context_.account.first(); one; one = one->next) {
    Usage usage = one->usage;
    if (!one->exact && one->generated_bytes > 0) {
      usage = {.input = static_cast<std::int64_t>(context_.account.prompt_bytes / kBytesPerToken),
               .output = static_cast<std::int64_t>(one->generated_bytes / kBytesPerToken)};
    }
    sum += usage;
  }
  return sum;
}

}  // namespace sluice::routing
