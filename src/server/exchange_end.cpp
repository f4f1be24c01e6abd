// How an exchange ends before its time: the deadline has passed, we shut down, the caller has left.
#include "dialect/stream_error.h"
#include "server/gateway_exchange.h"

#include <algorithm>

namespace sluice::server {
namespace {

constexpr std::uint64_t kMostDrains = 256;
constexpr Duration kLongestDrain = std::chrono::seconds(60);
// A caller that takes nothing, not even this, is not waited for.
constexpr Duration kLastWord = std::chrono::milliseconds(25);

ApiError deadline_passed() {
  return {.kind = ErrorKind::DeadlineExceeded,
          .code = "upstream_timeout",
          .message = "The request was not answered in time: request."};
}

}  // namespace

ApiError GatewayExchange::shutting_down() {
  return {.kind = ErrorKind::UpstreamUnavailable,
          .code = "draining",
          .message = "The gateway is shutting down.",
          .retry_after = std::chrono::seconds(1)};
}

Task<void> GatewayExchange::interrupted(net::Interrupt why) {
  if (why == net::Interrupt::ClientGone) {
    settlement_.client_gone();
    co_await exchange_.interruptible(drain());
    co_return;
  }
  abandon();
  if (context_.abandoned) co_return;
  exchange_.close_after();
  const bool late = why == net::Interrupt::Deadline;
  if (late) time_out();
  const ApiError error = late ? deadline_passed() : shutting_down();
  settlement_.failed(error);
  if (exchange_.broken() || exchange_.ended()) co_return;
  exchange_.finish_by(exchange_.loop().now() + kLastWord);
  co_await exchange_.interruptible(say_last(error));
}

Task<void> GatewayExchange::say_last(const ApiError& error) {
  if (!exchange_.started()) co_return co_await refuse(error);
  if (!event_stream_) co_return;  // Half an answer of bytes: only the broken connection says so.
  const std::string event =
      dialect::stream_error(error, request_.operation, context_.family, context_.id);
  const std::string_view piece = event;
  co_await exchange_.send({&piece, 1}, net::Last::Yes);
}

// The provider's call ends here, if it has not.
void GatewayExchange::abandon() {
  chain_.reset();
  pull_.end();
}

void GatewayExchange::time_out() {
  for (Attempt* one = context_.account.first(); one; one = one->next) {
    if (one->outcome != Outcome::Unfinished) continue;
    one->outcome = Outcome::TimedOut;
    one->ended = exchange_.loop().now();
  }
}

// The provider goes on, and is to be paid, whether anybody listens or not.
bool GatewayExchange::bills_on() const {
  const Account& account = context_.account;
  for (const Attempt* one = account.first(); one; one = one->next) {
    const bool asked = one->sent != Instant() && one->outcome == Outcome::Unfinished;
    if (one->drains && asked && one->ended == Instant()) return true;
  }
  return false;
}

// Nobody listens any more. Where the provider bills what it makes all the same, the call goes on to
// its end, so that the account is exact.
Task<void> GatewayExchange::drain() {
  struct Place {
    std::atomic<std::uint64_t>& taken;
    const bool free = taken.fetch_add(1, std::memory_order_relaxed) < kMostDrains;
    ~Place() { taken.fetch_sub(1, std::memory_order_relaxed); }
  };
  if (!bills_on()) co_return abandon();
  const Place place{.taken = gateway_.shared_.drains};
  if (!place.free) co_return abandon();
  context_.abandoned = true;
  context_.deadline = std::min(context_.deadline, exchange_.loop().now() + kLongestDrain);
  exchange_.go_on_alone();
  exchange_.finish_by(context_.deadline);
  if (chain_) {
    auto answered = co_await chain_.join();
    if (!answered) co_return;
    pull_.begin(std::move(*answered));
  }
  while (pull_.more()) {
    co_await pull_.next();
    release_request(exchange_, context_, pull_.reply());
  }
  abandon();
}

// Where a provider did not tell all: a token is about four bytes. One that we left was at it when
// it had the request.
void GatewayExchange::estimate_usage() {
  Account& account = context_.account;
  if (request_.traits().metered != Metered::Tokens) return;
  const auto prompt = static_cast<std::int64_t>(account.prompt_bytes / 4);
  for (Attempt* one = account.first(); one; one = one->next) {
    const bool left = one->outcome == Outcome::Unfinished && one->sent != Instant();
    if (one->exact || (one->generated_bytes == 0 && !left)) continue;
    Usage& usage = one->usage;
    if (usage.input == 0) usage.input = prompt;
    usage.output = std::max(usage.output, static_cast<std::int64_t>(one->generated_bytes / 4));
  }
}

}  // namespace sluice::server
