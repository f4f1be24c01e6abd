#include "routing/attempts.h"

#include "base/log.h"
#include "base/text.h"
#include "dialect/translate.h"
#include "routing/whole_reply.h"

#include <algorithm>

namespace sluice::routing {
namespace {

constexpr std::size_t kErrorBody = std::size_t{1} << 20;
constexpr std::size_t kWholeBody = std::size_t{64} << 20;

bool is_json(std::string_view content_type) {
  constexpr std::string_view name = "application/json";
  return text::iequals(content_type.substr(0, name.size()), name);
}

void end_attempt(Attempt& attempt, Context& context, Outcome outcome) {
  attempt.outcome = outcome;
  attempt.ended = context.clock.now();
}

ReplyHead head_of(const UpstreamReply& reply) {
  const UpstreamHead& head = reply.head();
  return {.status = head.status,
          .content_type = head.content_type,
          .length = head.length,
          .framing = head.framing,
          .fields = head.fields};
}

std::unexpected<Failure> not_this(std::string_view message) {
  return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                       .code = "upstream_bad_response",
                       .message = std::string(message),
                       .retry = Retry::OtherTarget});
}

std::unexpected<Failure> too_late() {
  return fail(ApiError{.kind = ErrorKind::DeadlineExceeded,
                       .code = "upstream_timeout",
                       .message = "The provider timed out: total.",
                       .retry = Retry::OtherTarget});
}

class Try {
 public:
  Try(Context& context, const Request& request, const Destination& destination,
      const Target& target, const AttemptLimits& limits)
      : context_(context),
        request_(request),
        destination_(destination),
        target_(target),
        limits_(limits),
        spoken_(destination.provider->dialect(request, target)),
        attempt_(
            context.account.begin_attempt(target.provider, target.model, context.clock.now())) {}

  Attempt& attempt() { return attempt_; }

  Task<Result<Reply>> run() {
    const Provider& provider = *destination_.provider;
    if (auto plan = provider.plan(context_, request_, target_)) {
      co_return co_await follow(std::move(plan));
    }
    CO_TRY(UpstreamRequest upstream, provider.encode(context_, request_, target_));
    CO_TRY_VOID(co_await prepare(upstream));
    CO_TRY(auto reply, co_await destination_.upstream->send(context_, upstream, attempt_));
    if (!is_success(*reply)) co_return co_await refused(*reply);
    // What a raw path answers is that provider's own affair, streams included.
    if (request_.traits().dialect == Dialect::Opaque) co_return bytes(std::move(reply));
    if (reply->head().framing != Framing::None) co_return co_await stream(std::move(reply));
    if (!is_json(reply->head().content_type)) co_return bytes(std::move(reply));
    CO_TRY(const std::string_view body, co_await read_whole(*reply, answer_by(), kWholeBody));
    co_return whole(std::move(reply), body);
  }

 private:
  bool translates() const { return dialect::differs(request_, spoken_); }

  Task<Result<void>> prepare(UpstreamRequest& upstream) const {
    set_patience(upstream);
    return destination_.credential->sign(context_, upstream);
  }

  bool is_success(const UpstreamReply& reply) {
    attempt_.status = reply.head().status;
    return attempt_.status >= 200 && attempt_.status < 300;
  }

  // Call after call, until the plan has its answer.
  Task<Result<Reply>> follow(ArenaPtr<Plan> plan) {
    std::string answered;
    for (;;) {
      CO_TRY(Plan::Step step, plan->next(context_, answered));
      if (!step.call) co_return made(std::move(plan), step.body);
      const Instant at = context_.clock.now() + step.after;
      if (at > answer_by()) co_return too_late();
      if (step.after > Duration()) co_await context_.clock.sleep_until(at);
      CO_TRY_VOID(co_await prepare(*step.call));
      CO_TRY(auto reply, co_await destination_.upstream->send(context_, *step.call, attempt_));
      if (!is_success(*reply)) co_return co_await refused(*reply);
      CO_TRY(const std::string_view body, co_await read_whole(*reply, answer_by(), kWholeBody));
      answered = body;
    }
  }

  Instant answer_by() const {
    return std::min(context_.deadline, attempt_.begun + destination_.total);
  }

  // A stream begins soon or not at all; the head of a whole answer comes when all of it was
  // thought.
  void set_patience(UpstreamRequest& upstream) const {
    upstream.answer_by = attempt_.begun + destination_.total;
    upstream.waiting_for = "total";
    const Instant first_token = attempt_.begun + destination_.first_token;
    if (request_.stream && first_token < upstream.answer_by) {
      upstream.answer_by = first_token;
      upstream.waiting_for = "first_token";
    }
    if (context_.deadline < upstream.answer_by) {
      upstream.answer_by = context_.deadline;
      upstream.waiting_for = "request";
    }
  }

  Task<Result<Reply>> refused(UpstreamReply& reply) {
    destination_.credential->refused(attempt_.status);
    const auto body = co_await read_whole(reply, answer_by(), kErrorBody);
    ApiError error = destination_.provider->explain(attempt_.status, reply.head().content_type,
                                                    body ? *body : std::string_view());
    error.retry_after = reply.head().retry_after;
    context_.refusal_fields = reply.head().fields;
    co_return fail(std::move(error));
  }

  Task<Result<Reply>> stream(ArenaPtr<UpstreamReply> reply) {
    const Patience patience{.first_content = destination_.first_token,
                            .between = destination_.between_tokens,
                            .commit = limits_.commit,
                            .commit_bytes = limits_.commit_bytes,
                            .event_limit = limits_.event};
    const ReplyHead head = head_of(*reply);
    auto decoder = destination_.provider->decoder(context_, request_, target_);
    auto items = context_.arena.make<EventStream>(context_, attempt_, std::move(reply),
                                                  std::move(decoder), patience);
    if (translates()) items->need_meaning();
    CO_TRY_VOID(co_await items->await_content());
    Reply answer{.head = head, .dialect = spoken_, .items = std::move(items)};
    answer.head.length.reset();
    co_return answer;
  }

  // Audio, images, files: nothing in them is read here.
  Result<Reply> bytes(ArenaPtr<UpstreamReply> reply) {
    if (translates() ||
        (request_.traits().needs_model && request_.traits().metered == Metered::Tokens)) {
      return not_this("The provider's answer is neither JSON nor an event stream.");
    }
    ReplyHead head = head_of(*reply);
    head.framing = Framing::None;
    auto items = context_.arena.make<ByteStream>(context_, attempt_, std::move(reply),
                                                 destination_.between_tokens);
    return Reply{.head = head, .items = std::move(items)};
  }

  // `body` is all that is pending.
  Result<Reply> whole(ArenaPtr<UpstreamReply> reply, std::string_view body) {
    const ReplyHead head = head_of(*reply);
    return answered(head, context_.arena.make<WholeReply>(std::move(reply), body), body);
  }

  Result<Reply> made(ArenaPtr<Plan> plan, std::string_view body) {
    return answered({}, context_.arena.make<WholeReply>(std::move(plan), body), body);
  }

  Result<Reply> answered(ReplyHead head, ArenaPtr<WholeReply> items, std::string_view body) {
    attempt_.first_content = context_.clock.now();
    if (translates()) items->need_meaning();
    auto decoder = destination_.provider->decoder(context_, request_, target_);
    TRY_VOID(decoder->body(body, items->meaning()));
    Account& account = context_.account;
    account.generated_bytes += body.size();
    if (decoder->usage()) {
      account.usage = *decoder->usage();
      account.exact = true;
    }
    end_attempt(attempt_, context_, Outcome::Answered);
    head.length = body.size();
    return Reply{.head = head, .dialect = spoken_, .items = std::move(items)};
  }

  Context& context_;
  const Request& request_;
  const Destination& destination_;
  const Target& target_;
  const AttemptLimits& limits_;
  const Dialect spoken_;
  Attempt& attempt_;
};

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

}  // namespace

Outcome outcome_of(const ApiError& error) {
  switch (error.kind) {
    case ErrorKind::DeadlineExceeded:
      return Outcome::TimedOut;
    case ErrorKind::UpstreamRejected:
      return Outcome::Refused;
    default:
      return error.code == "upstream_error" && !error.upstream ? Outcome::Unreachable
                                                               : Outcome::Failed;
  }
}

Task<Result<Reply>> attempt(Context& context, Request& request, const Destination& destination,
                            std::string_view model, const AttemptLimits& limits) {
  Target target{.provider = destination.name,
                .model = model,
                .base_path = destination.base_path,
                .headers = destination.headers,
                .ask_for_usage = destination.asks_for_usage};
  target.kind = destination.kind;
  target.facts = destination.kind ? destination.kind->find(model) : nullptr;
  if (destination.drop && !context.drop_asked) context.drop = *destination.drop;
  const Dialect spoken = destination.provider->dialect(request, target);
  if (request.traits().is_conversation() && dialect::differs(request, spoken)) {
    CO_TRY_VOID(dialect::read_conversation(context, request));
  }
  ProviderMemory& memory = *destination.memory;
  if (destination.may_refuse_stream_options &&
      memory.refuses_stream_options.load(std::memory_order_relaxed)) {
    target.ask_for_usage = false;
  }
  for (;;) {
    Try once(context, request, destination, target, limits);
    auto reply = co_await once.run();
    if (reply) co_return reply;
    scrub(*reply.error());
    if (once.attempt().outcome == Outcome::Unfinished) {
      end_attempt(once.attempt(), context, outcome_of(*reply.error()));
    }
    const bool refused_wish = destination.may_refuse_stream_options && target.ask_for_usage &&
                              request.stream && !request.usage_asked &&
                              is_about_stream_options(*reply.error());
    if (!refused_wish) co_return reply;
    memory.refuses_stream_options.store(true, std::memory_order_relaxed);
    target.ask_for_usage = false;
  }
}

}  // namespace sluice::routing
