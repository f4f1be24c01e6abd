// The admin API as those see it who connect.
#pragma once

#include "admin/admin_api.h"
#include "net/http_connection.h"
#include "unit/admin/fake_operator.h"
#include "unit/net/drive.h"

#include <nlohmann/json.hpp>

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::admin {

struct Said {
  int status = 0;
  std::string head;
  std::string body;
  nlohmann::json json() const { return nlohmann::json::parse(body); }
  std::string code() const { return json()["error"]["code"]; }
};

struct Ask {
  std::string method = "GET";
  std::string token = {};
  std::string body = {};
  std::string host = "127.0.0.1:9901";
  std::string more_fields = {};
  std::string peer = "127.0.0.1";
};

class Port {
 public:
  explicit Port(std::string_view yaml) : gateway(yaml), api_(gateway) {
    server_.configure(std::make_shared<const net::HttpServerSettings>());
  }

  Said ask(const std::string& target, const Ask& ask = {}) {
    std::string request = ask.method + " " + target + " HTTP/1.1\r\nconnection: close\r\n";
    if (!ask.host.empty()) request += "host: " + ask.host + "\r\n";
    if (!ask.token.empty()) request += "authorization: Bearer " + ask.token + "\r\n";
    if (ask.method == "POST" && ask.more_fields.empty()) {
      request += "content-length: " + std::to_string(ask.body.size()) + "\r\n";
    }
    return send(request + ask.more_fields + "\r\n" + ask.body, ask.peer);
  }

  Said send(const std::string& request, const std::string& peer = "127.0.0.1") {
    std::array<int, 2> fds;
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data());
    const auto client = net::make_tcp_transport(loop_, fds[1]);
    server_.serve(net::make_tcp_transport(loop_, fds[0]),
                  net::SocketAddress(*net::parse_ip(peer), 50'000));
    const std::string answer = net::run(loop_, exchange(*client, request));
    const std::size_t end = answer.find("\r\n\r\n");
    Said said{.head = answer.substr(0, end), .body = answer.substr(end + 4)};
    said.status = std::stoi(answer.substr(9, 3));
    return said;
  }

  FakeOperator gateway;

 private:
  Task<std::string> exchange(net::Transport& client, std::string request) {
    const std::string_view piece = request;
    co_await net::write_all(client, {&piece, 1}, std::chrono::seconds(20));
    std::string answer;
    std::array<char, 4096> room;
    for (;;) {
      const auto outcome = co_await net::read_some(client, room, net::soon(loop_));
      answer.append(room.data(), outcome.bytes);
      if (outcome.status != net::IoStatus::Ok) co_return answer;
    }
  }

  net::Loop loop_;
  AdminApi api_;
  std::atomic<std::uint64_t> open_ = 0;
  net::HttpServer server_{loop_, api_, open_};
};

}  // namespace sluice::admin
