// The admin port, on a thread and a loop of its own: it answers however busy the workers are.
#pragma once

#include "admin/admin_api.h"
#include "net/http_connection.h"
#include "net/listener.h"
#include "net/loop.h"

#include <atomic>
#include <cstdint>
#include <thread>

namespace sluice::admin {

class AdminServer {
 public:
  AdminServer(Operator& gateway, net::ListeningSocket socket);
  ~AdminServer();  // Stops.
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  const net::SocketAddress& address() const { return listener_.address(); }

  void start();
  // Exchanges under way may end, for two seconds at most. Returns when the thread has ended.
  void stop();

 private:
  void run();
  void accept(int fd, const net::SocketAddress& peer);
  Task<void> drain();

  net::Loop loop_;
  AdminApi api_;
  std::atomic<std::uint64_t> connections_ = 0;
  net::HttpServer server_;
  net::Listener listener_;
  std::thread thread_;
};

}  // namespace sluice::admin
