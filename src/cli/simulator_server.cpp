#include "cli/simulator_server.h"

#include "cli/self_signed.h"
#include "net/listener.h"
#include "net/loop.h"
#include "net/tls_context.h"
#include "net/transport_tls.h"

#include <thread>
#include <utility>

namespace sluice::cli {
namespace {

std::shared_ptr<const net::HttpServerSettings> settings() {
  auto settings = std::make_shared<net::HttpServerSettings>();
  // Longer than a gateway keeps its connections: it closes them, not we.
  settings->idle_timeout = std::chrono::minutes(10);
  settings->body_timeout = std::chrono::minutes(1);
  settings->write_timeout = std::chrono::minutes(10);
  return settings;
}

Result<std::shared_ptr<const net::TlsServerContext>> tls_of(const SimulateOptions& options) {
  if (options.tls_self_signed) return self_signed_context(options.host, options.ca_out);
  if (options.tls_certificate.empty()) return nullptr;
  return net::TlsServerContext::load(
      {.certificate = options.tls_certificate, .private_key = options.tls_key});
}

Result<net::SocketAddress> address_of(const SimulateOptions& options) {
  const bool bare_ipv6 = options.host.contains(':') && !options.host.starts_with('[');
  const std::string host = bare_ipv6 ? "[" + options.host + "]" : options.host;
  return net::parse_listen_address(host + ":" + std::to_string(options.port));
}

}  // namespace

class SimulatorServer::Worker {
 public:
  Worker(SimulatorServer& owner, net::ListeningSocket socket)
      : tls_(owner.tls_.get()),
        handler_(owner.options_, owner.seed_),
        server_(loop_, handler_, owner.connections_),
        listener_(loop_, std::move(socket)) {
    server_.configure(settings());
  }

  void start() {
    thread_ = std::thread([this] { run(); });
  }
  void stop() {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run() {
    loop_.spawn(listener_.accept_loop(
        [this](int fd, const net::SocketAddress& peer) { accept(fd, peer); }));
    loop_.run();
    loop_.abandon_all();  // Here, where they were made.
  }

  void accept(int fd, const net::SocketAddress& peer) {
    auto transport = net::make_tcp_transport(loop_, fd);
    if (tls_) transport = net::make_tls_server_transport(std::move(transport), *tls_);
    server_.serve(std::move(transport), peer);
  }

  const net::TlsServerContext* tls_;
  net::Loop loop_;
  SimulatorHandler handler_;
  net::HttpServer server_;
  net::Listener listener_;
  std::thread thread_;
};

SimulatorServer::SimulatorServer(const SimulateOptions& options,
                                 std::shared_ptr<const net::TlsServerContext> tls)
    : options_{.delay = options.delay, .key = options.key},
      tls_(std::move(tls)),
      seed_(options.seed) {}

SimulatorServer::~SimulatorServer() {
  stop();
}

Result<std::unique_ptr<SimulatorServer>> SimulatorServer::open(const SimulateOptions& options) {
  TRY(auto tls, tls_of(options));
  TRY(const auto address, address_of(options));
  TRY(auto sockets, net::open_listening_sockets(address, options.workers));
  std::unique_ptr<SimulatorServer> server(new SimulatorServer(options, std::move(tls)));
  server->address_ = sockets.front().address();
  for (auto& socket : sockets) {
    server->workers_.push_back(std::make_unique<Worker>(*server, std::move(socket)));
  }
  return server;
}

void SimulatorServer::start() {
  for (const auto& worker : workers_) worker->start();
}

void SimulatorServer::stop() {
  for (const auto& worker : workers_) worker->stop();
  workers_.clear();  // And the port with them.
}

}  // namespace sluice::cli
