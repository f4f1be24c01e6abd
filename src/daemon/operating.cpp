// What the admin API asks of the daemon, but for reloads.
#include "cli/version.h"
#include "daemon/daemon.h"
#include "telemetry/exposition.h"

#include <algorithm>
#include <future>

namespace sluice::daemon {
namespace {

using std::chrono::milliseconds;

constexpr auto kPatience = std::chrono::seconds(2);  // Until a worker has turned its loop.

std::optional<double> in_milliseconds(double seconds) {
  constexpr double kInASecond = 1e3;
  return seconds < 0 ? std::nullopt : std::optional(seconds * kInASecond);
}

std::optional<double> in_milliseconds(std::optional<Duration> time) {
  if (!time) return std::nullopt;
  return std::chrono::duration<double, std::milli>(*time).count();
}

admin::TargetStatus status_of(const routing::TargetState& target, Instant now) {
  constexpr double kMedian = 0.5;
  constexpr double kSlow = 0.95;
  admin::TargetStatus status{
      .name = target.name,
      .breaker = routing::standing_name(target.breaker.standing(now)),
      .share = target.breaker.share(now),
      .asked_again_in = {},
      .busy = target.busy.load(std::memory_order_relaxed),
      .waiting = target.bulkhead.waiting(),
      .requests = target.requests.load(std::memory_order_relaxed),
      .successes = target.successes.load(std::memory_order_relaxed),
      .failures = target.failures.load(std::memory_order_relaxed),
      .tokens = target.tokens.load(std::memory_order_relaxed),
      .first_token = in_milliseconds(target.latency.first_token(now)),
      .first_token_p50 = in_milliseconds(target.latency.quantile(kMedian)),
      .first_token_p95 = in_milliseconds(target.latency.quantile(kSlow)),
      .per_token = in_milliseconds(target.latency.per_token(now)),
  };
  if (const auto at = target.breaker.opens_again_at(); at && *at > now) {
    status.asked_again_in = std::chrono::ceil<milliseconds>(*at - now);
  }
  return status;
}

std::vector<admin::KeyStatus> statuses_of(const routing::KeyPool& keys, Instant now) {
  std::vector<admin::KeyStatus> all;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto state = keys.state(i, now);
    admin::KeyStatus& key = all.emplace_back(admin::KeyStatus{
        .number = i + 1, .condition = routing::condition_name(state.condition), .usable_in = {}});
    if (state.until > now)
      key.usable_in = std::chrono::ceil<std::chrono::seconds>(state.until - now);
  }
  return all;
}

std::vector<Field> fields_of(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::vector<Field> fields;
  fields.reserve(pairs.size());
  for (const auto& [name, value] : pairs) fields.push_back({name, value});
  return fields;
}

// On the worker's own thread.
Result<std::string> explained(server::Worker& worker, const admin::Question& question) {
  const auto epoch = worker.epoch();
  Arena lasting;
  Arena passing;
  Context context(lasting, passing, worker.loop());
  const std::vector<Field> tags = fields_of(question.tags);
  context.tags = tags;
  context.user = question.user;
  context.arrival = worker.loop().now();
  context.config = epoch->snapshot;
  Request request;
  request.model = question.model;
  const auto found = epoch->snapshot->models().find(question.model, lasting);
  if (!found) return fail(ErrorKind::NotFound, "model_not_found", "There is no such model.");
  request.candidates = found->candidates;
  request.entry = found->index;
  return epoch->router.explain(context, request,
                               {.input_tokens = question.input_tokens, .needs = question.needs});
}

using Samples = std::vector<telemetry::Sample>;

void add_targets(Samples& samples, const routing::Fleet& fleet, Instant now) {
  for (const auto& target : fleet.list()) {
    samples.push_back({.family = metrics::Family::BreakerState,
                       .labels = {target->name, {}},
                       .value = static_cast<double>(target->breaker.standing(now))});
  }
}

void add_keys(Samples& samples, const admin::ProviderStatus& provider) {
  using routing::KeyCondition;
  if (provider.key_states.empty()) return;
  for (const auto condition :
       {KeyCondition::Usable, KeyCondition::Cooling, KeyCondition::Spent, KeyCondition::Refused}) {
    const std::string_view name = routing::condition_name(condition);
    const auto count = std::ranges::count(provider.key_states, name, &admin::KeyStatus::condition);
    samples.push_back({.family = metrics::Family::ProviderKeys,
                       .labels = {provider.name, std::string(name)},
                       .value = static_cast<double>(count)});
  }
}

void add_tally(Samples& samples, const routing::Tally& tally) {
  const auto add = [&](metrics::Family family, std::string label,
                       const std::atomic<std::uint64_t>& count) {
    samples.push_back({.family = family,
                       .labels = {std::move(label), {}},
                       .value = static_cast<double>(count.load(std::memory_order_relaxed))});
  };
  add(metrics::Family::HedgedRequests, "won", tally.hedges_won);
  add(metrics::Family::HedgedRequests, "lost", tally.hedges_lost);
  add(metrics::Family::ResumedStreams, {}, tally.resumed);
}

}  // namespace

std::string Daemon::metrics() {
  Samples samples;
  for (const admin::ProviderStatus& provider : providers()) {
    const auto name = registry_.names().id(metrics::NameKind::Provider, provider.name);
    auto set = [&](std::string_view state, std::size_t count) {
      std::lock_guard lock(mutex_);
      metrics::Cell& cell = counters_.cell(metrics::Family::UpstreamConnections, name,
                                           registry_.names().id(metrics::NameKind::State, state));
      cell.add(static_cast<std::int64_t>(count) - cell.value());
    };
    set("idle", provider.connections_idle);
    set("busy", provider.connections_busy);
    add_keys(samples, provider);
  }
  add_targets(samples, common_.fleet, clock_.now());
  add_tally(samples, common_.tally);
  return telemetry::metrics_text(registry_, {.version = std::string(cli::kVersion), .revision = {}},
                                 samples);
}

std::shared_ptr<const config::Snapshot> Daemon::config() const {
  std::lock_guard lock(mutex_);
  return snapshot_;
}

std::vector<admin::ProviderStatus> Daemon::providers() const {
  std::vector<admin::ProviderStatus> all;
  const Instant now = clock_.now();
  {
    std::lock_guard lock(mutex_);
    const auto& providers = snapshot_->config().providers;
    for (std::size_t i = 0; i < providers.size(); ++i) {
      const config::ProviderSettings& one = providers[i];
      admin::ProviderStatus& status = all.emplace_back(admin::ProviderStatus{
          .name = one.name,
          .type = one.type,
          .base_url = one.base_url.empty() ? std::string() : one.base_url.text(),
          .keys = one.keys.list.size()});
      if (status.keys > 0) status.key_states = statuses_of(*provider_set_[i].keys, now);
    }
  }
  for (const auto& crew : crews_) {
    const auto counts = crew->pools.counts();
    for (auto& status : all) {
      const auto found = counts.find(status.name);
      if (found == counts.end()) continue;
      status.connections_idle += found->second.idle;
      status.connections_busy += found->second.busy;
    }
  }
  for (const auto& target : common_.fleet.list()) {
    const std::string_view name = target->name;
    const auto its =
        std::ranges::find(all, name.substr(0, name.find('/')), &admin::ProviderStatus::name);
    if (its != all.end()) its->targets.push_back(status_of(*target, now));
  }
  return all;
}

Result<std::string> Daemon::explain(const admin::Question& question) {
  auto answered = std::make_shared<std::promise<Result<std::string>>>();
  auto answer = answered->get_future();
  server::Worker& worker = crews_.front()->worker;
  worker.loop().post(
      [&worker, question, answered] { answered->set_value(explained(worker, question)); });
  if (answer.wait_for(kPatience) == std::future_status::ready) return answer.get();
  return fail(ErrorKind::UpstreamUnavailable, "overloaded", "The workers are too busy to say.");
}

routing::Feedback Daemon::feedback(std::string_view request_id, double score) {
  return common_.learning.feedback(request_id, score);
}

}  // namespace sluice::daemon
