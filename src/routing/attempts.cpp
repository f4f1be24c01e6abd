#include "routing/attempts.h"

#include "base/log.h"
#include "dialect/translate.h"

#include <algorithm>

namespace sluice::routing {
namespace {

constexpr std::uint64_t kUsualOutput = 256;

// A provider's words may quote what we sent it.
void scrub(ApiError& error) {
  error.message = log::scrubbed(error.message);
  if (!error.upstream) return;
  error.upstream->message = log::scrubbed(error.upstream->message);
  error.upstream->body = log::scrubbed(error.upstream->body);
}

bool is_about_stream_options(const ApiError& error) {
  return error.upstream && (error.upstream->status == 400 || error.upstream->status == 422) &&
         (error.upstream->message.find("stream_options") != std::string::npos ||
          error.upstream->body.find("stream_options") != std::string::npos);
}

// Of keys that were all told to wait, the one that waits least.
void keep_soonest(ApiError& error, const ApiError& before) {
  if (!error.retry_after || !before.retry_after) return;
  error.retry_after = std::min(*error.retry_after, *before.retry_after);
}

std::unexpected<Failure> no_key(const Destination& destination, Instant usable, Instant now) {
  ApiError error{.kind = ErrorKind::UpstreamUnavailable,
                 .code = "no_healthy_target",
                 .message = "No key of the provider \"" + destination.name + "\" may be used now.",
                 .retry = Retry::OtherTarget};
  if (usable != kNever) {
    error.retry_after = std::chrono::ceil<std::chrono::milliseconds>(
        std::max(usable - now, Duration(std::chrono::milliseconds(1))));
  }
  return fail(std::move(error));
}

// The tries of one target. Lives in the request's draft.
class Tries {
 public:
  Tries(Context& context, Request& request, Aim aim, Random& random)
      : context_(context),
        request_(request),
        aim_(std::move(aim)),
        random_(random),
        target_{
            .provider = aim_.destination.name,
            .model = aim_.model,
            .base_path = aim_.destination.base_path,
            .headers = aim_.destination.headers,
            .ask_for_usage = aim_.destination.asks_for_usage,
            .kind = aim_.destination.kind,
            .facts = aim_.destination.kind ? aim_.destination.kind->find(aim_.model) : nullptr} {
    wish_.lane = aim_.lane;
    wish_.tokens = request.json.text.size() / 4 +
                   static_cast<std::uint64_t>(request.max_tokens.value_or(kUsualOutput));
  }

  Task<Result<Reply>> run(Engagement engagement) {
    CO_TRY_VOID(prepare());
    Failure refused;
    for (;;) {
      const Instant now = context_.clock.now();
      wish_.patience = refused ? Duration() : std::min(kLongestTurn, context_.deadline - now);
      auto key = aim_.destination.keys->pick(wish_, random_, now);
      if (!key && !refused && aim_.last_resort) key = aim_.destination.keys->soonest(wish_, now);
      if (!key) {
        if (refused) co_return pass_on(refused);
        co_return no_key(aim_.destination, aim_.destination.keys->usable_again(wish_, now), now);
      }
      if (key->at > now) co_await context_.clock.sleep_until(key->at);
      engagement.second(aim_.second || refused);

      Attempt& attempt = begin();
      Try once(
          context_, request_, aim_.destination, target_, aim_.rules, attempt,
          Aftermath(context_, attempt, random_, std::move(engagement), aim_.lessons, aim_.granted));
      auto reply = co_await once.run(*key);
      if (reply) co_return reply;
      scrub(*reply.error());
      if (refused) keep_soonest(*reply.error(), *refused);
      attempt.hurried |= context_.clock.now() >= context_.deadline;
      end_attempt(attempt, context_, *reply.error());
      if (!is_worth_repeating(*key, once.key_condition(), *reply.error())) co_return reply;
      refused = std::move(reply.error());
      engagement = Engagement(aim_.state, aim_.state->breaker.claim(context_.clock.now()));
    }
  }

 private:
  Result<void> prepare() {
    const Destination& destination = aim_.destination;
    if (destination.drop && !context_.drop_asked) context_.drop = *destination.drop;
    const Dialect spoken = destination.provider->dialect(request_, target_);
    if (request_.traits().is_conversation() && dialect::differs(request_, spoken)) {
      TRY_VOID(dialect::read_conversation(context_, request_));
    }
    if (destination.may_refuse_stream_options &&
        destination.memory->refuses_stream_options.load(std::memory_order_relaxed)) {
      target_.ask_for_usage = false;
    }
    return {};
  }

  Attempt& begin() {
    Attempt& attempt = context_.account.begin_attempt(context_.arena, target_.provider,
                                                      target_.model, context_.clock.now());
    attempt.kind = aim_.destination.kind;
    attempt.hedge = aim_.hedge;
    attempt.drains = aim_.destination.drains;
    return attempt;
  }

  // Another key may do, or the same wish without what was refused of it.
  bool is_worth_repeating(const KeyUse& key, KeyCondition condition, const ApiError& error) {
    const bool refused_wish = aim_.destination.may_refuse_stream_options && target_.ask_for_usage &&
                              request_.stream && !request_.usage_asked &&
                              is_about_stream_options(error);
    if (refused_wish) {
      aim_.destination.memory->refuses_stream_options.store(true, std::memory_order_relaxed);
      target_.ask_for_usage = false;
      return true;
    }
    wish_.tried |= KeyPool::bit_of(key.key);
    return condition != KeyCondition::Usable && request_.traits().repeatable &&
           !context_.abandoned && aim_.destination.keys->size() > 1 &&
           context_.clock.now() < context_.deadline;
  }

  Context& context_;
  Request& request_;
  const Aim aim_;
  Random& random_;
  Target target_;
  KeyWish wish_;
};

}  // namespace

Task<Result<Reply>> attempt(Context& context, Request& request, const Aim& aim,
                            Engagement engagement, Random& random) {
  // What it holds is views, but for a count of its target that the caller of this keeps alive.
  Tries* tries = context.draft.make<Tries>(context, request, aim, random).release();
  return tries->run(std::move(engagement));
}

}  // namespace sluice::routing
