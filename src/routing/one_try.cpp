#include "routing/one_try.h"

#include "base/text.h"
#include "dialect/translate.h"
#include "routing/event_stream.h"
#include "routing/outcome.h"
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

ReplyHead head_of(const UpstreamReply& reply) {
  const UpstreamHead& head = reply.head();
  return {.status = head.status,
          .content_type = head.content_type,
          .length = head.length,
          .framing = head.framing,
          .fields = head.fields};
}

}  // namespace

TryRules rules_of(const config::GroupSettings& group, const Destination& destination,
                  std::size_t event_limit) {
  const config::GroupTimeouts& timeouts = group.timeouts;
  TryRules rules{.first_token = destination.first_token,
                 .between_tokens = destination.between_tokens,
                 .total = destination.total,
                 .commit = group.commit.wait,
                 .commit_bytes = group.commit.bytes,
                 .event = event_limit};
  if (timeouts.first_token) rules.first_token = *timeouts.first_token;
  if (timeouts.between_tokens) rules.between_tokens = *timeouts.between_tokens;
  return rules;
}

Try::Try(Context& context, const Request& request, const Destination& destination,
         const Target& target, const TryRules& rules, Attempt& attempt, Aftermath aftermath)
    : context_(context),
      request_(request),
      destination_(destination),
      target_(target),
      rules_(rules),
      spoken_(destination.provider->dialect(request, target)),
      attempt_(attempt),
      aftermath_(std::move(aftermath)) {}

bool Try::translates() const {
  return dialect::differs(request_, spoken_);
}

Task<Result<Reply>> Try::run(const KeyUse& key) {
  key_ = &key;
  const Provider& provider = *destination_.provider;
  context_.dropped = {};
  if (auto plan = provider.plan(context_, request_, target_)) {
    dropped_ = context_.dropped;
    co_return co_await follow(std::move(plan));
  }
  CO_TRY(UpstreamRequest upstream, provider.encode(context_, request_, target_));
  dropped_ = context_.dropped;
  CO_TRY_VOID(co_await prepare(upstream));
  CO_TRY(auto reply, co_await destination_.upstream->send(context_, upstream, attempt_));
  if (!is_success(*reply)) co_return co_await refused(*reply);
  // What a raw path answers is that provider's own affair, streams included.
  if (request_.traits().dialect == Dialect::Opaque) co_return bytes(std::move(reply));
  if (reply->head().framing != Framing::None) co_return co_await stream(std::move(reply));
  if (!is_json(reply->head().content_type)) co_return bytes(std::move(reply));
  CO_TRY(const std::string_view body,
         co_await read_whole(*reply, answer_by(), kWholeBody, last_patience()));
  co_return whole(std::move(reply), body);
}

Task<Result<void>> Try::prepare(UpstreamRequest& upstream) const {
  set_patience(upstream);
  return credential().sign(context_, upstream);
}

bool Try::is_success(const UpstreamReply& reply) {
  attempt_.status = reply.head().status;
  const bool success = attempt_.status >= 200 && attempt_.status < 300;
  if (success) destination_.keys->answered(*key_, reply.head(), context_.clock);
  return success;
}

// Call after call, until the plan has its answer.
Task<Result<Reply>> Try::follow(ArenaPtr<Plan> plan) {
  std::string answered;
  for (;;) {
    CO_TRY(Plan::Step step, plan->next(context_, answered));
    if (!step.call) co_return made(std::move(plan), step.body);
    const Instant at = context_.clock.now() + step.after;
    if (at > answer_by()) co_return fail(timed_out(last_patience()));
    if (step.after > Duration()) co_await context_.clock.sleep_until(at);
    CO_TRY_VOID(co_await prepare(*step.call));
    CO_TRY(auto reply, co_await destination_.upstream->send(context_, *step.call, attempt_));
    if (!is_success(*reply)) co_return co_await refused(*reply);
    CO_TRY(const std::string_view body,
           co_await read_whole(*reply, answer_by(), kWholeBody, last_patience()));
    answered = body;
  }
}

Instant Try::answer_by() const {
  return std::min(context_.deadline, attempt_.begun + rules_.total);
}

std::string_view Try::last_patience() const {
  return context_.deadline < attempt_.begun + rules_.total ? "request" : "total";
}

// A stream begins soon or not at all; the head of a whole answer comes when all of it was thought.
void Try::set_patience(UpstreamRequest& upstream) const {
  upstream.answer_by = attempt_.begun + rules_.total;
  upstream.waiting_for = "total";
  const Instant first_token = attempt_.begun + rules_.first_token;
  if (request_.stream && first_token < upstream.answer_by) {
    upstream.answer_by = first_token;
    upstream.waiting_for = "first_token";
  }
  if (context_.deadline < upstream.answer_by) {
    upstream.answer_by = context_.deadline;
    upstream.waiting_for = "request";
  }
}

Task<Result<Reply>> Try::refused(UpstreamReply& reply) {
  credential().refused(attempt_.status);
  const auto body = co_await read_whole(reply, answer_by(), kErrorBody);
  const std::string_view told = body ? *body : std::string_view();
  ApiError error = destination_.provider->explain(attempt_.status, reply.head().content_type, told);
  if (reply.head().retry_after) error.retry_after = reply.head().retry_after;
  context_.refusal_fields = reply.head().fields;
  key_condition_ = destination_.keys->refused(*key_, reply.head(), error, context_.clock, told);
  co_return fail(std::move(error));
}

Reply Try::reply_of(const ReplyHead& head, ArenaPtr<ItemStream> items) const {
  context_.dropped = dropped_;  // Another try may have begun meanwhile.
  context_.account.tells(attempt_);
  return {.head = head, .dialect = spoken_, .retold = rules_.retold, .items = std::move(items)};
}

Task<Result<Reply>> Try::stream(ArenaPtr<UpstreamReply> reply) {
  const Patience patience{.first_content = rules_.first_token,
                          .between = rules_.between_tokens,
                          .commit = rules_.commit,
                          .commit_bytes = rules_.commit_bytes,
                          .event_limit = rules_.event};
  ReplyHead head = head_of(*reply);
  head.length.reset();
  auto decoder = destination_.provider->decoder(context_, request_, target_);
  auto items = context_.arena.make<EventStream>(
      context_, attempt_, std::move(reply), std::move(decoder), patience, std::move(aftermath_));
  if (wants_meaning()) items->need_meaning();
  CO_TRY_VOID(co_await items->await_content());
  // Without content its head may go out, and still another may answer.
  const bool early = attempt_.first_content == Instant() && attempt_.outcome == Outcome::Unfinished;
  if (early && rules_.replaceable && !wants_meaning()) {
    items->read_anew(destination_.provider->decoder(context_, request_, target_));
  }
  Reply answer = reply_of(head, std::move(items));
  answer.holds_request = early && rules_.replaceable;
  co_return answer;
}

// Audio, images, files: nothing in them is read here.
Result<Reply> Try::bytes(ArenaPtr<UpstreamReply> reply) {
  if (translates() ||
      (request_.traits().needs_model && request_.traits().metered == Metered::Tokens)) {
    return fail(bad_answer("The provider's answer is neither JSON nor an event stream."));
  }
  ReplyHead head = head_of(*reply);
  head.framing = Framing::None;
  auto items = context_.arena.make<ByteStream>(context_, attempt_, std::move(reply),
                                               rules_.between_tokens, std::move(aftermath_));
  return Reply{.head = head, .items = std::move(items)};
}

// `body` is all that is pending.
Result<Reply> Try::whole(ArenaPtr<UpstreamReply> reply, std::string_view body) {
  const ReplyHead head = head_of(*reply);
  return answered(head, std::move(reply), body);
}

Result<Reply> Try::made(ArenaPtr<Plan> plan, std::string_view body) {
  return answered({}, std::move(plan), body);
}

template <class Source>
Result<Reply> Try::answered(ReplyHead head, Source source, std::string_view body) {
  attempt_.first_content = context_.clock.now();
  auto items = context_.arena.make<WholeReply>(std::move(source), body, std::move(aftermath_));
  if (wants_meaning()) items->need_meaning();
  auto decoder = destination_.provider->decoder(context_, request_, target_);
  if (auto read = decoder->body(body, items->meaning()); !read) {
    end_attempt(attempt_, context_, *read.error());
    return pass_on(read.error());
  }
  attempt_.generated_bytes += body.size();
  if (decoder->usage()) {
    attempt_.usage = *decoder->usage();
    attempt_.exact = true;
  }
  attempt_.outcome = Outcome::Answered;
  attempt_.ended = context_.clock.now();
  head.length = body.size();
  return reply_of(head, std::move(items));
}

void end_attempt(Attempt& attempt, const Context& context, const ApiError& error) {
  if (attempt.outcome != Outcome::Unfinished) return;
  attempt.outcome = outcome_of(error);
  attempt.ended = context.clock.now();
}

}  // namespace sluice::routing
