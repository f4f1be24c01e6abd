#include "daemon/providers.h"

#include "net/http_upstream.h"
#include "net/websocket_upstream.h"
#include "providers/credentials/api_key.h"
#include "providers/openai/provider.h"
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

std::shared_ptr<const Credential> credential_of(const ProviderSettings& settings) {
  if (settings.keys.from_caller) return std::make_shared<providers::CallersKey>();
  if (settings.keys.list.empty()) return std::make_shared<providers::NoKey>();
  std::vector<providers::WeightedKey> keys;
  for (const config::ProviderKey& key : settings.keys.list) {
    keys.push_back({std::string(key.secret.reveal()), key.weight});
  }
  return std::make_shared<providers::ApiKey>(keys);
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

}  // namespace

Result<ProviderSet> share_providers(const config::Snapshot& snapshot, const ProviderSet& before) {
  ProviderSet shared;
  for (const ProviderSettings& settings : snapshot.config().providers) {
    ProviderShared one{
        .identity = identity_of(settings), .tls = {}, .budget = {}, .memory = {}, .seed = {}};
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
                                                      const ProviderSet& shared) {
  static const auto openai = std::make_shared<const providers::OpenAiProvider>();
  std::map<std::string, Pool> kept;
  std::vector<routing::Destination> all;
  const auto& settings = snapshot.config().providers;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const ProviderSettings& one = settings[i];
    routing::Destination destination;
    destination.name = one.name;
    destination.provider = openai;
    destination.credential = credential_of(one);
    destination.memory = shared[i].memory;
    destination.base_path = one.base_url.path;
    for (const config::FixedHeader& header : one.headers) {
      destination.headers.push_back({header.name, header.value.reveal()});
    }
    destination.first_token = one.timeouts.first_token;
    destination.between_tokens = one.timeouts.between_tokens;
    destination.total = one.timeouts.total;
    destination.asks_for_usage =
        one.stream_usage != StreamUsage::None && one.stream_usage != StreamUsage::Always;
    destination.may_refuse_stream_options = one.stream_usage == StreamUsage::Auto;
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
