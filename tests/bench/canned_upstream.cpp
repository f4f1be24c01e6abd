// A provider that never thinks: it reads any request and answers with bytes made beforehand, so
// that the gateway in front of it is what a benchmark measures. Models: see wire/canned_reply.h.
//   bench_canned_upstream --port 0 --tls-folder DIR   prints "PORT TLS_PORT" when it listens.

#include "wire/canned_reply.h"
#include "wire/certificate.h"
#include "wire/channel.h"
#include "wire/message_reader.h"
#include "wire/options.h"
#include "wire/socket.h"
#include "wire/timer_wheel.h"

#include <sys/epoll.h>

#include <array>
#include <memory>
#include <unordered_map>

namespace sluice::bench {
namespace {

struct Connection : Waiting {
  explicit Connection(Channel opened) : channel(std::move(opened)) {}
  ~Connection() { leave(); }

  Channel channel;
  MessageReader request;
  std::string beginning;  // Of the body: what the plan is read from.
  std::string pending;    // What the socket did not take yet.
  std::string model;      // Keeps plan.model alive while a stream runs.
  Plan plan;
  bool streaming = false;
  std::uint32_t sent = 0;
  std::int64_t began_ns = 0;
};

class Upstream {
 public:
  Upstream(int plain, int tls, TlsContext context)
      : plain_(plain), tls_(tls), context_(std::move(context)), wheel_(now_ns()) {
    watch(plain_, EPOLLIN);
    if (tls_ >= 0) watch(tls_, EPOLLIN);
  }

  void run() {
    std::array<epoll_event, 512> events;
    for (;;) {
      int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                             wheel_.wait_ms(now_ns()));
      for (int at = 0; at < count; ++at) {
        int fd = events[static_cast<std::size_t>(at)].data.fd;
        if (fd == plain_ || fd == tls_) {
          accept_all(fd);
        } else if (auto found = connections_.find(fd); found != connections_.end()) {
          if (!serve(*found->second)) connections_.erase(found);
        }
      }
      wheel_.advance(now_ns(), [&](Waiting& waiting) {
        auto& connection = static_cast<Connection&>(waiting);
        if (!stream(connection)) connections_.erase(connection.channel.fd());
      });
    }
  }

 private:
  void watch(int fd, std::uint32_t what) {
    epoll_event event{};
    event.events = what;
    event.data.fd = fd;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) give_up("epoll_ctl");
  }

  void accept_all(int listener) {
    for (;;) {
      int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      set_nodelay(fd);
      connections_[fd] = std::make_unique<Connection>(
          listener == tls_ ? Channel(fd, *context_, true) : Channel(fd));
      watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    }
  }

  // False: the connection is over.
  bool serve(Connection& connection) {
    bool was_blocked = !connection.pending.empty();
    if (!send(connection, {})) return false;
    if (was_blocked && connection.streaming && !stream(connection)) return false;
    for (;;) {
      auto [outcome, size] = connection.channel.read(scratch_.data(), scratch_.size());
      if (outcome != Outcome::Done) return outcome == Outcome::Blocked;
      if (!take(connection, {scratch_.data(), size})) return false;
      if (!connection.channel.may_hold_more(size, scratch_.size())) return true;
    }
  }

  bool take(Connection& connection, std::string_view bytes) {
    while (!bytes.empty()) {
      bytes.remove_prefix(connection.request.feed(bytes, [&](std::string_view body) {
        auto room = beginning_limit - std::min(beginning_limit, connection.beginning.size());
        connection.beginning.append(body.substr(0, room));
      }));
      if (connection.request.broken()) return false;
      if (!connection.request.done()) continue;
      if (connection.streaming) return false;  // Nobody measured here pipelines.
      bool alive = answer(connection);
      connection.request.reset();
      connection.beginning.clear();
      if (!alive) return false;
    }
    return true;
  }

  bool answer(Connection& connection) {
    Plan plan = plan_of(connection.beginning);
    plan.speech = speech_of(connection.request.head());
    if (!plan.streams) return send(connection, replies_.whole(plan));
    connection.model = plan.model;
    connection.plan = plan;
    connection.plan.model = connection.model;
    connection.streaming = true;
    connection.sent = 0;
    connection.began_ns = now_ns();
    // As real providers do: the head by itself, then the first event.
    return send(connection, StreamPieces::head) && stream(connection);
  }

  // Sends what is due, and waits for the rest.
  bool stream(Connection& connection) {
    const Plan& plan = connection.plan;
    StreamPieces& pieces = pieces_of(plan);
    std::int64_t now = now_ns();
    std::string batch;
    while (connection.streaming && connection.pending.empty()) {
      batch.clear();
      if (connection.sent == 0) batch += pieces.begin();
      while (connection.sent < plan.chunks && batch.size() < 16384 && due_ns(connection) <= now) {
        batch += pieces.event({plan.stream, connection.sent++, static_cast<std::uint64_t>(now)});
      }
      if (connection.sent == plan.chunks) {
        batch += pieces.end();
        connection.streaming = false;
      }
      if (batch.empty()) {
        wheel_.add(connection, due_ns(connection));
        return true;
      }
      if (!send(connection, batch)) return false;
    }
    return true;
  }

  StreamPieces& pieces_of(const Plan& plan) {
    return plan.speech == Speech::Anthropic ? messages_ : completions_;
  }

  static std::int64_t due_ns(const Connection& connection) {
    return connection.began_ns + connection.sent * connection.plan.interval_ns;
  }

  bool send(Connection& connection, std::string_view bytes) {
    if (!connection.pending.empty()) {
      connection.pending.append(bytes);
      bytes = connection.pending;
    }
    std::size_t written = 0;
    while (written < bytes.size()) {
      auto [outcome, size] = connection.channel.write(bytes.substr(written));
      if (outcome == Outcome::Closed) return false;
      if (outcome == Outcome::Blocked) break;
      written += size;
    }
    if (!connection.pending.empty()) {
      connection.pending.erase(0, written);
    } else if (written < bytes.size()) {
      connection.pending.assign(bytes.substr(written));
    }
    return true;
  }

  static constexpr std::size_t beginning_limit = 16384;

  int plain_;
  int tls_;
  TlsContext context_;
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  TimerWheel wheel_;
  CannedReplies replies_;
  StreamPieces completions_{Speech::OpenAi};
  StreamPieces messages_{Speech::Anthropic};
  std::array<char, 262144> scratch_;
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
};

void run(int count, char** words) {
  Options options(count, words, {{"--port", "0"}, {"--tls-folder", ""}});
  prepare_process();
  int plain = listen_on(static_cast<std::uint16_t>(options.number("--port")));
  TlsContext context;
  int tls = -1;
  if (!options.text("--tls-folder").empty()) {
    context = server_tls(options.text("--tls-folder"));
    tls = listen_on(0);
  }
  std::printf("%d %d\n", port_of(plain), tls < 0 ? 0 : port_of(tls));
  std::fflush(stdout);
  std::make_unique<Upstream>(plain, tls, std::move(context))->run();
}

}  // namespace
}  // namespace sluice::bench

int main(int count, char** words) {
  sluice::bench::run(count, words);
}
