#include "admin/admin_server.h"

#include <unistd.h>

#include <memory>
#include <utility>

namespace sluice::admin {
namespace {

// Descriptors are the workers' in the first place.
constexpr std::uint64_t kMostConnections = 256;
constexpr Duration kDrain = std::chrono::seconds(2);
constexpr std::size_t kOnlyTheDrain = 1;

std::shared_ptr<const net::HttpServerSettings> settings() {
  auto settings = std::make_shared<net::HttpServerSettings>();
  settings->header_timeout = std::chrono::seconds(10);
  settings->body_timeout = std::chrono::seconds(10);
  settings->idle_timeout = std::chrono::seconds(75);
  settings->write_timeout = std::chrono::seconds(10);
  return settings;
}

}  // namespace

AdminServer::AdminServer(Operator& gateway, net::ListeningSocket socket)
    : api_(gateway), server_(loop_, api_, connections_), listener_(loop_, std::move(socket)) {
  server_.configure(settings());
}

AdminServer::~AdminServer() {
  stop();
}

void AdminServer::start() {
  thread_ = std::thread([this] { run(); });
}

void AdminServer::stop() {
  if (!thread_.joinable()) return;
  loop_.post([this] { loop_.spawn(drain()); });
  thread_.join();
}

void AdminServer::run() {
  loop_.spawn(
      listener_.accept_loop([this](int fd, const net::SocketAddress& peer) { accept(fd, peer); }));
  loop_.run();
  loop_.abandon_all();  // Here, where they were made.
}

void AdminServer::accept(int fd, const net::SocketAddress& peer) {
  if (connections_.load(std::memory_order_relaxed) >= kMostConnections) {
    ::close(fd);
    return;
  }
  server_.serve(net::make_tcp_transport(loop_, fd), peer);
}

Task<void> AdminServer::drain() {
  listener_.stop();
  server_.drain();
  const Instant latest = loop_.now() + kDrain;
  while (loop_.spawned() > kOnlyTheDrain && loop_.now() < latest) {
    co_await loop_.sleep_until(loop_.now() + net::TimerWheel::kTick);
  }
  loop_.stop();
}

}  // namespace sluice::admin
