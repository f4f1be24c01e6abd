// An HTTP server on one end of a socket pair, the test on the other.
#pragma once

#include "net/http_connection.h"
#include "unit/net/drive.h"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::net {

// What the other end says, as plain bytes. Turns the loop while it waits.
class Peer {
 public:
  Peer(Loop& loop, int fd) : loop_(loop), transport_(make_tcp_transport(loop, fd)) {}

  void send(std::string_view bytes) {
    const std::string kept(bytes);
    const std::string_view piece = kept;
    EXPECT_EQ(run(loop_, write_all(*transport_, {&piece, 1}, std::chrono::seconds(20))),
              IoStatus::Ok);
  }
  // Up to the end of the text; everything so far when the other end closes before.
  std::string receive_until(std::string_view text) {
    while (received_.find(text) == std::string::npos && receive_some()) {
    }
    const std::size_t at = received_.find(text);
    if (at == std::string::npos) return std::exchange(received_, {});
    std::string taken = received_.substr(0, at + text.size());
    received_.erase(0, taken.size());
    return taken;
  }
  // One answer with a known length.
  std::string receive_answer() {
    while (received_.find("\r\n\r\n") == std::string::npos && receive_some()) {
    }
    const std::size_t head = received_.find("\r\n\r\n");
    const std::size_t length = received_.find("content-length: ");
    if (head == std::string::npos) return std::exchange(received_, {});
    const std::size_t body = length < head ? std::stoul(received_.substr(length + 16)) : 0;
    while (received_.size() < head + 4 + body && receive_some()) {
    }
    std::string answer = received_.substr(0, head + 4 + body);
    received_.erase(0, answer.size());
    return answer;
  }
  std::string receive_all() {
    while (receive_some()) {
    }
    return std::exchange(received_, {});
  }
  void finish() { transport_->finish(); }
  void close() { transport_.reset(); }

 private:
  bool receive_some() {
    std::array<char, 4096> space;
    const ReadOutcome outcome = run(loop_, read_some(*transport_, space, soon(loop_)));
    EXPECT_NE(outcome.status, IoStatus::TimedOut) << "so far: " << received_;
    if (outcome.status != IoStatus::Ok) return false;
    received_.append(space.data(), outcome.bytes);
    return true;
  }

  Loop& loop_;
  std::unique_ptr<Transport> transport_;
  std::string received_;
};

inline std::array<int, 2> socket_pair() {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) != 0)
    std::abort();
  return fds;
}

// Does with a request what the test says.
class FakeHandler final : public HttpHandler {
 public:
  using Does = std::function<Task<void>(HttpExchange&)>;

  Task<void> handle(HttpExchange& exchange) override {
    ++handled;
    targets += std::string(exchange.head().target) + " ";
    return does(exchange);
  }
  std::string refusal(const http1::HeadError& error) override {
    refused = error.code;
    return "{}";
  }

  Does does;
  int handled = 0;
  std::string targets;
  std::string_view refused;
};

class HttpScene : public testing::Test {
 protected:
  ~HttpScene() override { loop_.abandon_all(); }

  // A connection to the server.
  Peer connect() {
    server_.configure(std::make_shared<const HttpServerSettings>(settings_));
    const auto fds = socket_pair();
    server_.serve(make_tcp_transport(loop_, fds[0]), SocketAddress());
    return Peer(loop_, fds[1]);
  }
  void turn_until_closed() {
    turn_until(loop_, [&] { return open_ == 0; });
  }

  Loop loop_;
  FakeHandler handler_;
  std::atomic<std::uint64_t> open_ = 0;
  HttpServer server_{loop_, handler_, open_};
  HttpServerSettings settings_;
};

inline std::string get(std::string_view target, std::string_view lines = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nhost: h\r\n" + std::string(lines) + "\r\n";
}
inline std::string post(std::string_view lines, std::string_view body) {
  return "POST /p HTTP/1.1\r\nhost: h\r\n" + std::string(lines) + "\r\n" + std::string(body);
}
inline std::string sized(std::string_view body, std::string_view lines = {}) {
  return post("content-length: " + std::to_string(body.size()) + "\r\n" + std::string(lines), body);
}

// Answers with what was sent.
inline Task<void> echo(HttpExchange& exchange) {
  const auto body = co_await exchange.read_body(std::uint64_t{32} << 20);
  if (!body) {
    co_await exchange.respond({.status = 400, .content_type = "text/plain"}, body.error()->code);
    co_return;
  }
  co_await exchange.respond({.content_type = "text/plain"}, *body);
}
inline Task<void> say_ok(HttpExchange& exchange) {
  co_await exchange.respond({.content_type = "text/plain"}, "ok");
}

}  // namespace sluice::net
