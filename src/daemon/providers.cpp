#include "daemon/providers.h"

#include "daemon/provider_classes.h"
#include "net/http_upstream.h"
#include "net/websocket_upstream.h"
#include "providers/simulator/upstream.h"

#include <algorithm>

namespace sluice::daemon {
namespace {

using config::ProviderSettings;
using config::StreamUsage;

std::string identity_of(const ProviderSettings& settings) {
  std::string identity = settings.name + '\n' + settings.base_url.text() + '\n';
  if (settings.proxy) identity += settings.proxy->text();
  const config::ProviderTlsSettings& tls = settings.tls;
  for (const std::string* part : {&tls.ca, &tls.server_name, &tls.certificate, &tls.private_key}) {
    identity += '\n' + *part;
  }
  identity += tls.verify ? "\nverify" : "\ntrust";
  identity += '\n' + std::to_string(settings.connections.max) + '\n' +
              std::to_string(settings.connections.idle.count());
  return identity;
}

// The configuration's own word, else the catalogue's.
StreamUsage stream_usage_of(const ProviderSettings& settings) {
  if (settings.stream_usage != StreamUsage::Auto || !settings.kind) return settings.stream_usage;
  switch (settings.kind->quirks.stream_usage) {
    case Quirks::Usage::Option:
      return StreamUsage::Option;
    case Quirks::Usage::Always:
      return StreamUsage::Always;
    case Quirks::Usage::None:
      return StreamUsage::None;
    case Quirks::Usage::Auto:
      break;
  }
  return StreamUsage::Auto;
}

net::Origin origin_of(const ProviderSettings& settings, const ProviderShared& shared) {
  net::Origin origin{.host = settings.base_url.host,
                     .port = settings.base_url.port,
                     .tls = settings.base_url.https,
                     .tls_context = shared.tls,
                     .server_name = settings.tls.server_name,
                     .proxy = std::nullopt};
  if (settings.proxy) {
    origin.proxy =
        net::Proxy{.host = settings.proxy->host, .port = settings.proxy->port, .authorization = {}};
  }
  return origin;
}

// What was granted and taken goes on while the limits stay the same.
std::shared_ptr<routing::Allowance> allowance_of(const config::RateLimitSettings& limits,
                                                 const ProviderShared* before) {
  if (!limits.requests_per_minute && !limits.tokens_per_minute) return nullptr;
  if (before && before->allowance && before->limits == limits) return before->allowance;
  return std::make_shared<routing::Allowance>(limits.requests_per_minute, limits.tokens_per_minute);
}

std::shared_ptr<routing::Bulkhead> bulkhead_of(const config::RateLimitSettings& limits,
                                               const ProviderShared* before) {
  auto bulkhead = before ? before->bulkhead : nullptr;
  if (!bulkhead && limits.concurrent) bulkhead = std::make_shared<routing::Bulkhead>();
  if (bulkhead) bulkhead->apply(limits.concurrent);
  return bulkhead;
}

// When the caller leaves: the configuration's own word, else whether the provider bills it anyway.
bool drains(const ProviderSettings& settings) {
  if (settings.cancel != config::CancelPolicy::Auto) {
    return settings.cancel == config::CancelPolicy::Drain;
  }
  return settings.kind && settings.kind->quirks.bills_when_cancelled;
}

}  // namespace

Result<ProviderSet> share_providers(const config::Snapshot& snapshot, const ProviderSet& before) {
  ProviderSet shared;
  std::shared_ptr<const net::TlsClientContext> token_tls;
  for (const ProviderSettings& settings : snapshot.config().providers) {
    ProviderShared one;
    one.name = settings.name;
    one.identity = identity_of(settings);
    one.credential = credential_identity(settings);
    const auto old = std::ranges::find(before, one.identity, &ProviderShared::identity);
    if (old != before.end()) {
      one.budget = old->budget;
      one.memory = old->memory;
      one.seed = old->seed;
    } else {
      one.budget = std::make_shared<net::ConnectionBudget>(settings.connections.max);
      one.memory = std::make_shared<routing::ProviderMemory>();
      one.seed = std::make_shared<std::atomic<std::uint64_t>>(1);
    }
    const auto namesake = std::ranges::find(before, settings.name, &ProviderShared::name);
    const ProviderShared* const last = namesake != before.end() ? &*namesake : nullptr;
    one.keys = key_pool_of(settings, last ? last->keys.get() : nullptr);
    one.limits = settings.limits;
    one.allowance = allowance_of(settings.limits, last);
    one.bulkhead = bulkhead_of(settings.limits, last);
    const bool same_tokens = old != before.end() && old->credential == one.credential;
    one.tokens = same_tokens ? old->tokens : std::make_shared<providers::GrantShelf>();
    if (asks_for_tokens(settings)) {
      if (!token_tls) {
        TRY(token_tls, net::TlsClientContext::load({}));
      }
      one.token_tls = token_tls;
    }
    if (settings.base_url.https) {
      // Read anew at each reload: renewed files are picked up.
      TRY(one.tls, net::TlsClientContext::load({.verify = settings.tls.verify
                                                              ? net::TlsClientContext::Verify::Full
                                                              : net::TlsClientContext::Verify::Off,
                                                .ca = settings.tls.ca,
                                                .certificate = settings.tls.certificate,
                                                .private_key = settings.tls.private_key}));
    }
    shared.push_back(std::move(one));
  }
  return shared;
}

std::vector<routing::Destination> Pools::destinations(const config::Snapshot& snapshot,
                                                      const ProviderSet& shared,
                                                      routing::Fleet& fleet) {
  static const auto environment = std::make_shared<const config::ProcessEnvironment>();
  std::map<std::string, Pool> kept;
  std::vector<routing::Destination> all;
  const auto& settings = snapshot.config().providers;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const ProviderSettings& one = settings[i];
    routing::Destination destination;
    destination.name = one.name;
    destination.kind = one.kind;
    destination.provider = provider_of(one);
    destination.keys = shared[i].keys;
    destination.allowance = shared[i].allowance;
    destination.bulkhead = shared[i].bulkhead;
    destination.state = fleet.get_or_make(one.name + "/*", one.breaker, std::nullopt);
    destination.drains = drains(one);
    destination.credentials = credentials_of(one, {.loop = loop_,
                                                   .resolver = resolver_,
                                                   .environment = environment,
                                                   .tls = shared[i].token_tls,
                                                   .shelf = shared[i].tokens});
    destination.credential = destination.credentials.front();
    if (one.drop) destination.drop = one.drop->policy();
    destination.memory = shared[i].memory;
    destination.base_path = one.base_url.path;
    for (const config::FixedHeader& header : one.headers) {
      destination.headers.push_back({header.name, header.value.reveal()});
    }
    destination.first_token = one.timeouts.first_token;
    destination.between_tokens = one.timeouts.between_tokens;
    destination.total = one.timeouts.total;
    const StreamUsage usage = stream_usage_of(one);
    destination.asks_for_usage = usage == StreamUsage::Option || usage == StreamUsage::Auto;
    destination.may_refuse_stream_options = usage == StreamUsage::Auto;
    destination.has_no_key = one.lacks_credential();
    if (one.is(Api::Simulator)) {
      destination.upstream = std::make_shared<providers::simulator::InProcess>(shared[i].seed);
    } else {
      connect(destination, one, shared[i], kept);
    }
    all.push_back(std::move(destination));
  }
  std::lock_guard lock(mutex_);
  pools_ = std::move(kept);  // Those that nobody names any more end with their last request.
  return all;
}

void Pools::connect(routing::Destination& destination, const ProviderSettings& settings,
                    const ProviderShared& shared, std::map<std::string, Pool>& kept) {
  auto before = pools_.find(shared.identity);
  const bool same =
      before != pools_.end() && before->second.pool->origin().tls_context == shared.tls;
  std::shared_ptr<net::UpstreamPool> pool =
      same ? before->second.pool
           : std::make_shared<net::UpstreamPool>(loop_, resolver_, origin_of(settings, shared),
                                                 settings.connections.idle, shared.budget);
  kept.insert_or_assign(shared.identity, Pool{settings.name, pool});
  auto http = std::make_shared<net::HttpUpstreamSettings>(settings.base_url.authority());
  http->connect_timeout = settings.timeouts.connect;
  http->answer_timeout = settings.timeouts.first_token;
  destination.upstream = std::make_shared<net::HttpUpstream>(pool, http);
  destination.websockets =
      std::make_shared<net::HttpWebSocketDialer>(std::move(pool), std::move(http));
}

std::shared_ptr<routing::Door> Pools::door(const ProviderSettings& settings,
                                           const ProviderShared& shared) const {
  if (settings.base_url.host.empty()) return nullptr;
  return std::make_shared<routing::NetworkDoor>(loop_, resolver_, origin_of(settings, shared));
}

std::map<std::string, Pools::Count> Pools::counts() const {
  std::map<std::string, Count> counts;
  std::lock_guard lock(mutex_);
  for (const auto& [identity, pool] : pools_) {
    Count& count = counts[pool.provider];
    count.idle += pool.pool->idle();
    count.busy += pool.pool->busy();
  }
  return counts;
}

}  // namespace sluice::daemon
