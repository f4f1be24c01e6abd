// A server on a loop of the test's, for what connects to it.
#pragma once

#include "net/listener.h"
#include "net/transport_tls.h"
#include "unit/net/drive.h"

#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace sluice::net {

// Keeps what it accepts open, until the test does something with it.
class Server {
 public:
  explicit Server(Loop& loop, std::shared_ptr<const TlsServerContext> tls = nullptr,
                  const SocketAddress& address = SocketAddress(*parse_ip("127.0.0.1"), 0))
      : loop_(loop),
        tls_(std::move(tls)),
        listener_(loop, std::move(open_listening_sockets(address, 1)->front())) {
    loop_.spawn(listener_.accept_loop([this](int fd, const SocketAddress&) {
      auto transport = make_tcp_transport(loop_, fd);
      if (tls_) {
        transport = make_tls_server_transport(std::move(transport), *tls_);
        loop_.spawn(greet(*transport));
      }
      ++accepted_;
      peers.push_back(std::move(transport));
    }));
  }
  ~Server() { loop_.abandon_all(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const { return listener_.address().port(); }
  int accepted() const { return accepted_; }

  std::vector<std::unique_ptr<Transport>> peers;

 private:
  static Task<void> greet(Transport& transport) { co_await shake_hands(transport, kNever); }

  Loop& loop_;
  std::shared_ptr<const TlsServerContext> tls_;
  int accepted_ = 0;
  Listener listener_;
};

inline Resolver::Lookup names_of(std::vector<SocketAddress> addresses) {
  return [addresses = std::move(addresses)](
             const std::string&) -> Result<std::vector<SocketAddress>> { return addresses; };
}

// A port where nobody listens: bound, so that nobody else gets it.
class DeafPort {
 public:
  explicit DeafPort(const char* ip = "127.0.0.1") {
    const SocketAddress any(*parse_ip(ip), 0);
    fd_ = ::socket(any.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(fd_, any.data(), any.size()) != 0) std::abort();
  }
  ~DeafPort() { ::close(fd_); }
  DeafPort(const DeafPort&) = delete;
  DeafPort& operator=(const DeafPort&) = delete;
  std::uint16_t port() const { return SocketAddress::bound_to(fd_).port(); }

 private:
  int fd_;
};

}  // namespace sluice::net
