// The floor: a relay that does nothing but move bytes. Edge-triggered epoll, one pool of upstream
// connections, one write for what one read brought. It reads only enough HTTP to know where an
// answer ends, so that the upstream connection can serve the next caller.
//   bench_raw_relay --port 0 --upstream PORT   prints "PORT" when it listens.

#include "wire/message_reader.h"
#include "wire/options.h"
#include "wire/socket.h"

#include <sys/epoll.h>

#include <array>
#include <memory>
#include <vector>

namespace sluice::bench {
namespace {

struct Peer {
  explicit Peer(int opened) : fd(opened) {}
  ~Peer() { close(fd); }

  int fd;
  bool is_client = false;
  bool dead = false;
  bool readable = false;  // Edge-triggered: remembered while the other side is full.
  Peer* other = nullptr;
  std::string pending;
  MessageReader answer;  // Upstream only.
};

class Relay {
 public:
  Relay(int listener, std::uint16_t upstream) : listener_(listener), upstream_(upstream) {
    epoll_event event{};
    event.events = EPOLLIN;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
  }

  void run() {
    std::array<epoll_event, 512> events;
    for (;;) {
      int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int at = 0; at < count; ++at) {
        const auto& event = events[static_cast<std::size_t>(at)];
        auto* peer = static_cast<Peer*>(event.data.ptr);
        if (!peer) {
          accept_all();
        } else if (!peer->dead) {
          serve(*peer, event.events);
        }
      }
      for (Peer* peer : dead_) delete peer;  // Not before: this batch may still name them.
      dead_.clear();
    }
  }

 private:
  Peer* adopt(int fd, bool is_client) {
    auto* peer = new Peer(fd);
    peer->is_client = is_client;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = peer;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    return peer;
  }

  void accept_all() {
    for (;;) {
      int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      set_nodelay(fd);
      adopt(fd, true);
    }
  }

  void serve(Peer& peer, std::uint32_t events) {
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) peer.readable = true;
    if ((events & EPOLLOUT) && !peer.pending.empty()) {
      write(peer, {});
      if (!peer.dead && peer.pending.empty() && peer.other && peer.other->readable) {
        pump(*peer.other);
      }
    }
    if (!peer.dead && peer.readable) pump(peer);
  }

  void pump(Peer& from) {
    while (from.readable && !from.dead) {
      if (from.other && !from.other->pending.empty()) return;
      ssize_t size = recv(from.fd, scratch_.data(), scratch_.size(), 0);
      if (size < 0 && errno == EAGAIN) {
        from.readable = false;
        return;
      }
      if (size <= 0) {
        end(from);
        return;
      }
      from.readable = size == static_cast<ssize_t>(scratch_.size());
      std::string_view bytes(scratch_.data(), static_cast<std::size_t>(size));
      if (!from.other) {
        if (!from.is_client) {
          end(from);
          return;
        }
        pair_up(from);
      }
      Peer& to = *from.other;
      if (!from.is_client) {
        from.answer.feed(bytes, [](std::string_view) {});
      }
      write(to, bytes);
      if (!from.is_client && !from.dead && from.answer.done()) {
        from.answer.reset();
        to.other = nullptr;
        from.other = nullptr;
        idle_.push_back(&from);
      }
    }
  }

  void pair_up(Peer& client) {
    while (!idle_.empty() && !client.other) {
      Peer* upstream = idle_.back();
      idle_.pop_back();
      if (!upstream->dead) client.other = upstream;
    }
    if (!client.other) client.other = adopt(connect_to("127.0.0.1", upstream_), false);
    client.other->other = &client;
  }

  void write(Peer& to, std::string_view bytes) {
    if (!to.pending.empty()) {
      to.pending.append(bytes);
      bytes = to.pending;
    }
    std::size_t written = 0;
    while (written < bytes.size()) {
      ssize_t size = send(to.fd, bytes.data() + written, bytes.size() - written, MSG_NOSIGNAL);
      if (size < 0 && (errno == EAGAIN || errno == ENOTCONN)) break;
      if (size < 0) {
        end(to);
        return;
      }
      written += static_cast<std::size_t>(size);
    }
    if (!to.pending.empty()) {
      to.pending.erase(0, written);
      if (to.pending.empty()) to.pending.shrink_to_fit();
    } else if (written < bytes.size()) {
      to.pending.assign(bytes.substr(written));
    }
  }

  void end(Peer& peer) {
    for (Peer* each : {peer.other, &peer}) {
      if (!each || each->dead) continue;
      each->dead = true;
      shutdown(each->fd, SHUT_RDWR);
      if (!each->is_client) std::erase(idle_, each);
      dead_.push_back(each);
    }
  }

  int listener_;
  std::uint16_t upstream_;
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  std::array<char, 262144> scratch_;
  std::vector<Peer*> idle_;
  std::vector<Peer*> dead_;
};

void run(int count, char** words) {
  Options options(count, words, {{"--port", "0"}, {"--upstream", "0"}});
  prepare_process();
  int listener = listen_on(static_cast<std::uint16_t>(options.number("--port")));
  std::printf("%d\n", port_of(listener));
  std::fflush(stdout);
  std::make_unique<Relay>(listener, static_cast<std::uint16_t>(options.number("--upstream")))
      ->run();
}

}  // namespace
}  // namespace sluice::bench

int main(int count, char** words) {
  sluice::bench::run(count, words);
}
