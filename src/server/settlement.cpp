#include "server/settlement.h"

#include "sluice/catalogue.h"

#include "base/log.h"
#include "net/http_exchange.h"
#include "server/timing.h"

#include <algorithm>

namespace sluice::server {
namespace {

using metrics::Family;
using metrics::NameKind;
using metrics::TokenKind;

std::string_view surface_name(sluice::Family family) {
  switch (family) {
    case sluice::Family::OpenAi:
      return "openai";
    case sluice::Family::Anthropic:
      return "anthropic";
    case sluice::Family::Gemini:
      return "gemini";
  }
  return {};
}

std::int64_t nanoseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
}

std::string_view telemetry_name(const Attempt& attempt) {
  return attempt.kind ? attempt.kind->telemetry_name : attempt.provider;
}

std::uint32_t microseconds(Duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 0, UINT32_MAX - 1));
}

}  // namespace

Meters Meters::of(metrics::MetricsRegistry& registry, metrics::ThreadMetrics& counters,
                  telemetry::AccessRing& access) {
  return {registry,
          counters,
          access,
          counters.cell(Family::RequestsInFlight),
          counters.cell(Family::StreamsOpen),
          metrics::RecentNames(registry.names())};
}

Settlement::Settlement(Meters& meters, net::HttpExchange& exchange, const Context& context,
                       const Request& request, const Endpoint& endpoint, Pricing& pricing)
    : meters_(meters),
      exchange_(exchange),
      context_(context),
      request_(request),
      endpoint_(endpoint),
      pricing_(pricing) {
  meters_.in_flight.add(1);
}

void Settlement::streaming() {
  if (streaming_) return;
  streaming_ = true;
  meters_.streams.add(1);
}

void Settlement::failed(const ApiError& error) {
  error_ = error.code;
  if (!error.detail.empty()) detail_ = exchange_.arena().keep(log::scrubbed(error.detail));
  if (context_.account.tries() == 0) reason_ = error.code;
}

// All the time in which nobody else was waited for.
Duration Settlement::overhead(Duration total) const {
  const Duration waited = waited_for(context_.account, context_.arrival + total);
  return std::max(Duration::zero(), total - waited);
}

std::int64_t Settlement::first_token_ns() const {
  const Attempt* teller = context_.account.teller();
  if (!streaming_ || !teller || teller->first_content == Instant())
    return metrics::RequestRecord::kUnknown;
  return nanoseconds(teller->first_content - context_.arrival);
}

Settlement::~Settlement() {
  meters_.in_flight.add(-1);
  if (streaming_) meters_.streams.add(-1);
  const auto status = static_cast<std::uint16_t>(status_ != 0              ? status_
                                                 : exchange_.status() != 0 ? exchange_.status()
                                                                           : 499);
  const Duration total = std::chrono::steady_clock::now() - context_.arrival;
  record_metrics(status, total);
  record_access(status, total);
}

void Settlement::record_metrics(std::uint16_t status, Duration total) {
  metrics::RecentNames& names = meters_.names;
  const Account& account = context_.account;

  metrics::RequestRecord record;
  record.surface = names.id(NameKind::Surface, surface_name(context_.family));
  if (endpoint_.kind == EndpointKind::Operation) {
    record.operation = names.id(NameKind::Operation, request_.traits().name);
  }
  if (const Attempt* teller = account.teller()) {
    record.model = names.id(NameKind::Model, teller->model);
    record.provider = names.id(NameKind::Provider, teller->provider);
    record.gen_ai_provider = names.id(NameKind::GenAiProvider, telemetry_name(*teller));
  } else if (!request_.model.empty()) {
    record.model =
        metrics::kOther;  // A name that led nowhere: callers could invent any number of them.
  }
  if (by_key_ && context_.principal) record.key = names.id(NameKind::Key, context_.principal->id);
  record.status = status;
  record.streaming = streaming_;
  record.duration_ns = nanoseconds(total);
  record.overhead_ns = nanoseconds(overhead(total));
  record.first_token_ns = first_token_ns();
  const Usage usage = account.usage();
  auto tokens = [&record](TokenKind kind) -> std::int64_t& {
    return record.tokens[static_cast<std::size_t>(kind)];
  };
  tokens(TokenKind::Input) = usage.input;
  tokens(TokenKind::Output) = usage.output;
  tokens(TokenKind::Cached) = usage.cached;
  tokens(TokenKind::CacheWrite) = usage.cache_write;
  tokens(TokenKind::Reasoning) = usage.reasoning;
  meters_.counters.record_request(record);
  for (const Attempt* one = account.first(); one; one = one->next) record_attempt(*one);
  if (!reason_.empty())
    meters_.counters.cell(Family::Rejected, names.id(NameKind::Reason, reason_)).add(1);
}

void Settlement::record_attempt(const Attempt& attempt) {
  metrics::RecentNames& names = meters_.names;
  const metrics::Id provider = names.id(NameKind::Provider, attempt.provider);
  meters_.counters
      .cell(Family::UpstreamAttempts, provider,
            names.id(NameKind::Outcome, outcome_name(attempt.outcome)))
      .add(1);
  if (const auto charge = pricing_.charge_of(attempt)) {
    meters_.counters.cell(Family::CostUsd, names.id(NameKind::Model, attempt.model), provider)
        .add(charge->cost.pico_dollars);
  }
}

void Settlement::record_access(std::uint16_t status, Duration total) {
  const Account& account = context_.account;
  std::array<telemetry::AccessAttempt, telemetry::AccessRecord::kMostAttempts> attempts;
  std::size_t told = 0;
  for (const Attempt* one = account.first(); one && told < attempts.size(); one = one->next) {
    const Instant ended = one->ended == Instant() ? exchange_.loop().now() : one->ended;
    attempts[told++] = {.provider = one->provider,
                        .model = one->model,
                        .outcome = outcome_name(one->outcome),
                        .status = static_cast<std::uint16_t>(one->status),
                        .microseconds = microseconds(ended - one->begun)};
  }

  telemetry::AccessRecord record;
  record.time = context_.clock.wall();
  record.id = context_.id;
  if (context_.trace_parent.size() > 35) record.trace_id = context_.trace_parent.substr(3, 32);
  record.surface = surface_name(context_.family);
  if (endpoint_.kind == EndpointKind::Operation) record.operation = request_.traits().name;
  record.method = method_;
  record.path = path_;
  record.asked = request_.model;
  if (const Attempt* teller = account.teller()) {
    record.model = teller->model;
    record.provider = teller->provider;
    record.connect_us = microseconds(teller->connecting);
  }
  if (context_.principal) {
    record.key = context_.principal->id;
    record.user = context_.principal->user;
  }
  if (record.user.empty()) record.user = context_.user;
  if (record.user.empty()) record.user = request_.user;
  record.error = error_;
  record.detail = detail_;
  record.client = client_;
  record.attempts = std::span(attempts).first(told);
  const bool exact = account.exact();
  const Usage usage = account.usage();
  if (exact || usage != Usage()) {
    record.accounting = exact ? telemetry::Accounting::Exact : telemetry::Accounting::Estimated;
    record.input_tokens = usage.input;
    record.output_tokens = usage.output;
    record.cached_tokens = usage.cached;
    record.reasoning_tokens = usage.reasoning;
  }
  record.bytes_in = exchange_.body_bytes();
  record.bytes_out = exchange_.bytes_sent();
  record.total_us = microseconds(total);
  record.gateway_us = microseconds(overhead(total));
  if (const auto first = first_token_ns(); first >= 0)
    record.first_token_us = static_cast<std::uint32_t>(first / 1000);
  record.status = status;
  record.stream = streaming_;
  meters_.access.push(record);
}

}  // namespace sluice::server
