// Accepts connections. The sockets are opened before the workers start, so that an address in use
// is an error of the start; each worker then runs a Listener on its own.
#pragma once

#include "net/address.h"
#include "net/descriptor.h"
#include "net/interruption.h"

#include <functional>
#include <memory>
#include <vector>

namespace sluice::net {

// A socket that listens. The file of a unix socket goes with the last worker's copy.
class ListeningSocket {
 public:
  struct File;

  ListeningSocket(int fd, SocketAddress address, std::shared_ptr<const File> file);
  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&& other) noexcept;
  ~ListeningSocket();

  const SocketAddress& address() const { return address_; }  // With the port that was chosen.
  int fd() const { return fd_; }

 private:
  friend class Listener;

  int fd_;
  SocketAddress address_;
  std::shared_ptr<const File> file_;
};

// One socket per worker: SO_REUSEPORT for TCP where there are several (a port of 0 is chosen once
// and is then the same for all), one shared socket for a unix path. A path that nobody listens on
// any more is taken over.
Result<std::vector<ListeningSocket>> open_listening_sockets(const SocketAddress& address,
                                                            std::size_t workers);

class Listener {
 public:
  // Owns the descriptor from here on: non-blocking, closed on exec, TCP_NODELAY.
  using OnAccept = std::move_only_function<void(int fd, const SocketAddress& peer)>;

  Listener(Loop& loop, ListeningSocket socket);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  const SocketAddress& address() const { return address_; }

  // Ends, with the socket closed, some time after stop(). The listener must outlive it.
  Task<void> accept_loop(OnAccept on_accept);
  void stop();

 private:
  struct Socket;

  Task<void> accept_all(OnAccept& on_accept);
  Task<void> turn_one_away();

  Loop& loop_;
  SocketAddress address_;
  std::unique_ptr<Socket> socket_;
  Interruption interruption_;
  int reserve_;  // Given up for a moment when there are no descriptors left, to turn a peer away.
  bool stopped_ = false;
};

}  // namespace sluice::net
