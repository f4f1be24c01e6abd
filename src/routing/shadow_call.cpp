#include "routing/shadow_call.h"

#include "base/text.h"
#include "config/snapshot.h"
#include "net/loop.h"
#include "routing/capability.h"
#include "routing/outcome.h"

#include <algorithm>

namespace sluice::routing {
namespace {

// What is being done for callers in this moment is done first.
constexpr Duration kStepAside = std::chrono::milliseconds(1);

std::span<const Field> headers_of(const Request& request, Arena& arena) {
  const std::span<Field> copy = arena.array<Field>(request.headers.size());
  std::size_t count = 0;
  for (const Field& field : request.headers) {
    // It names the caller's request: what is answered to it is the caller's answer.
    if (text::iequals(field.name, "idempotency-key")) continue;
    std::construct_at(&copy[count++], Field{arena.keep(field.name), arena.keep(field.value)});
  }
  return copy.first(count);
}

Request copy_of(const Request& request, Arena& arena) {
  Request copy = request;
  for (std::string_view* const text : {&copy.json.text, &copy.model, &copy.user, &copy.content_type,
                                       &copy.method, &copy.path, &copy.query, &copy.provider}) {
    *text = arena.keep(*text);
  }
  copy.headers = headers_of(request, arena);
  copy.candidates = {};
  copy.conversation = nullptr;
  return copy;
}

}  // namespace

ShadowCall::ShadowCall(RouterGround& ground, Group& group, const Candidate& candidate,
                       const Context& context, const Request& request, Shadows::Place place)
    : alive_(ground.hold()),
      ground_(ground),
      leaf_(group.leaf(candidate.place)),
      destination_(ground.destinations[candidate.provider]),
      place_(std::move(place)),
      context_(arena_, draft_, *ground.loop),
      request_(copy_of(request, draft_)),
      candidate_(candidate),
      comparison_(std::make_shared<Comparison>(context.id, request.model, request.stream)) {
  candidate_.model = arena_.keep(candidate.model);
  // Without the credential, the account and the trace of the caller: it is none of its calls.
  context_.id = arena_.keep(context.id);
  context_.family = context.family;
  context_.config = context.config;
  context_.drop = context.drop;
  context_.drop_asked = context.drop_asked;
  context_.account.prompt_bytes = request.json.text.size();
}

ShadowCall::~ShadowCall() {
  if (!result_.empty()) ground_.shadows->count(destination_.name, result_);
}

// Not counted: those who try a target do not all give their count back.
std::shared_ptr<TargetState> ShadowCall::state() const {
  const auto& held = leaf_.state ? leaf_.state : destination_.state;
  return {std::shared_ptr<void>(), held.get()};
}

Task<void> ShadowCall::run(std::unique_ptr<ShadowCall> call) {
  Clock& clock = call->context_.clock;
  co_await clock.sleep_until(clock.now() + kStepAside);
  co_await call->answer();
}

Task<void> ShadowCall::answer() {
  if (ground_.shadows->stopped()) co_return;
  result_ = outcome_name(Outcome::Unfinished);
  auto engagement = engage();
  if (!engagement) co_return;
  const Instant now = context_.clock.now();
  context_.arrival = now;
  context_.deadline = now + destination_.total;
  const Aim aim{.destination = destination_,
                .model = candidate_.model,
                .state = state(),
                .rules = rules(),
                .lane = KeyPool::lane_of(candidate_.model)};
  auto reply = co_await attempt(context_, request_, aim, *std::move(engagement), ground_.random);
  if (!reply) co_return settle(reply.error().get());
  const auto whole = co_await read(*std::move(reply));
  settle(whole ? nullptr : whole.error().get());
}

TryRules ShadowCall::rules() const {
  return {.first_token = destination_.first_token,
          .between_tokens = destination_.between_tokens,
          .total = destination_.total,
          .commit = destination_.total,
          .event = ground_.event_limit,
          .retold = true};
}

std::optional<Engagement> ShadowCall::engage() {
  if (const std::string_view why = obstacle(); !why.empty()) {
    result_ = why;
    return std::nullopt;
  }
  // It never waits where callers may be waiting.
  auto own = state()->bulkhead.try_enter();
  std::optional<Bulkhead::Slot> providers;
  providers.emplace();
  if (destination_.bulkhead) providers = destination_.bulkhead->try_enter();
  if (!own || !providers) {
    result_ = "full";
    return std::nullopt;
  }
  const Breaker::Claim claim = state()->breaker.claim(context_.clock.now());
  if (!claim) {
    result_ = "resting";
    return std::nullopt;
  }
  Engagement engagement(state(), claim);
  engagement.hold_own(*std::move(own));
  engagement.hold_providers(*std::move(providers));
  return engagement;
}

// Why the target is not asked; empty: nothing.
std::string_view ShadowCall::obstacle() {
  if (destination_.has_no_key) return "no_key";
  const Instant now = context_.clock.now();
  if (state()->breaker.standing(now) == Standing::Open) return "resting";
  RequestFacts facts(context_, request_);
  const ModelFacts* model =
      leaf_.name != 0 ? leaf_.facts : ground_.snapshot.models().facts(candidate_);
  if (lack_of(facts, destination_.kind, model, candidate_.model)) return "incapable";
  if (!leaf_.allowance && !destination_.allowance) return {};
  const auto tokens = static_cast<std::uint64_t>(facts.input_tokens() + facts.output_tokens());
  if (leaf_.allowance && leaf_.allowance->take(1, tokens, now)) return "limits";
  if (destination_.allowance && destination_.allowance->take(1, tokens, now)) return "limits";
  return {};
}

Task<Result<void>> ShadowCall::read(Reply reply) {
  for (;;) {
    CO_TRY(const Batch batch, co_await reply.items->next());
    for (const Item& item : batch.items) shape_.add(item.events);
    if (batch.last) co_return Result<void>();
    draft_.release();  // As of requests whose answers are under way.
  }
}

void ShadowCall::settle(const ApiError* error) {
  const bool untold = error && error->kind == ErrorKind::Unsupported && !error->upstream;
  const Attempt* last = context_.account.teller();
  result_ = untold  ? "incapable"
            : last  ? outcome_name(last->outcome)
            : error ? outcome_name(outcome_of(*error))
                    : result_;
  const auto wall = context_.clock.wall();
  for (const Attempt* one = context_.account.first(); one; one = one->next) {
    const Usage usage = usage_of(*one, context_.account.prompt_bytes);
    if (const auto cost = cost_of(ground_.snapshot, *one, usage, wall)) {
      ground_.shadows->charge(destination_.name, *cost);
    }
  }
  if (untold || !last) return;
  Figures figures = figures_of(ground_.snapshot, context_.account, *last, context_.clock);
  figures.shape = std::move(shape_);
  comparison_->tell_shadow(std::move(figures));
}

}  // namespace sluice::routing
