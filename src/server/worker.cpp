#include "server/worker.h"

#include "net/transport_tls.h"

#include <sys/socket.h>
#include <unistd.h>

namespace sluice::server {
namespace {

std::shared_ptr<const net::HttpServerSettings> settings_of(const config::ServerSettings& server) {
  auto settings = std::make_shared<net::HttpServerSettings>();
  settings->head.max_head = server.limits.header_bytes;
  settings->header_timeout = server.timeouts.header;
  settings->body_timeout = server.timeouts.body;
  settings->idle_timeout = server.timeouts.idle;
  settings->write_timeout = server.timeouts.write;
  settings->half_close = server.half_close == config::HalfClose::Allow;
  settings->proxy_protocol = server.proxy_protocol;
  return settings;
}

Meters meters_for(metrics::MetricsRegistry& registry, telemetry::AccessLog& access) {
  metrics::ThreadMetrics& counters = registry.add_thread();
  return Meters::of(registry, counters, access.open_ring(counters));
}

constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: 105\r\n"
    "retry-after: 1\r\nconnection: close\r\n\r\n"
    R"({"error":{"message":"Too many connections.","type":"overloaded_error","param":null,"code":"overloaded"}})"
    "\n";
static_assert(kFull.size() - kFull.find("\r\n\r\n") - 4 == 105);

}  // namespace

Worker::Worker(SharedState& shared, metrics::MetricsRegistry& registry,
               telemetry::AccessLog& access, routing::CommonKnowledge& common, std::uint64_t seed)
    : shared_(shared),
      common_(common),
      random_(seed),
      gateway_(shared, meters_for(registry, access), random_),
      shadows_(registry.names(), gateway_.counters()),
      server_(loop_, gateway_, shared.connections) {}

void Worker::begin(std::shared_ptr<const config::Snapshot> snapshot,
                   std::vector<routing::Destination> destinations,
                   std::shared_ptr<const net::TlsServerContext> tls) {
  server_.configure(settings_of(snapshot->config().server));
  gateway_.begin(std::make_shared<Epoch>(std::move(snapshot), std::move(destinations), common_,
                                         random_, &loop_, &shadows_));
  tls_ = std::move(tls);
}

void Worker::listen(net::ListeningSocket socket) {
  auto& listener =
      *listeners_.emplace_back(std::make_unique<net::Listener>(loop_, std::move(socket)));
  loop_.spawn(
      listener.accept_loop([this](int fd, const net::SocketAddress& peer) { accept(fd, peer); }));
}

void Worker::accept(int fd, const net::SocketAddress& peer) {
  if (shared_.connections.load(std::memory_order_relaxed) >=
      gateway_.epoch()->server().limits.connections) {
    [[maybe_unused]] const auto sent =
        ::send(fd, kFull.data(), kFull.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::close(fd);
    return;
  }
  auto transport = net::make_tcp_transport(loop_, fd);
  if (tls_) transport = net::make_tls_server_transport(std::move(transport), *tls_);
  server_.serve(std::move(transport), peer);
}

void Worker::drain() {
  for (auto& listener : listeners_) listener->stop();
  shadows_.stop();
  server_.drain();
}

void Worker::interrupt() {
  server_.interrupt();
}

}  // namespace sluice::server
