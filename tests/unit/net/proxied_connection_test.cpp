// Connections that begin with a PROXY header, plain and behind TLS.
#include "net/http_connection.h"
#include "unit/net/tls_support.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <string>

namespace sluice::net {
namespace {

class TellsThePeer final : public HttpHandler {
 public:
  Task<void> handle(HttpExchange& exchange) override {
    const std::string peer = exchange.peer().text();
    co_await exchange.respond({.status = 200, .content_type = "text/plain"}, peer);
  }
  std::string refusal(const http1::HeadError&) override { return "{}"; }
};

struct Scene {
  Scene() {
    auto settings = std::make_shared<HttpServerSettings>();
    settings->proxy_protocol = true;
    server.configure(settings);
  }
  ~Scene() { loop.abandon_all(); }

  // The caller's end, which has said `first` already.
  int connect(std::string_view first, const TlsServerContext* tls = nullptr) {
    std::array<int, 2> fds;
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
    EXPECT_EQ(::send(fds[0], first.data(), first.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(first.size()));
    auto transport = make_tcp_transport(loop, fds[1]);
    if (tls) transport = make_tls_server_transport(std::move(transport), *tls);
    server.serve(std::move(transport), {});
    return fds[0];
  }
  // All that is said until the connection ends.
  std::string listen(Transport& transport) {
    std::string heard;
    std::array<char, 1024> bytes;
    for (;;) {
      const ReadOutcome outcome = run(loop, read_some(transport, bytes, soon(loop)));
      if (outcome.status != IoStatus::Ok) return heard;
      heard.append(bytes.data(), outcome.bytes);
    }
  }

  Loop loop;
  TellsThePeer handler;
  std::atomic<std::uint64_t> open = 0;
  HttpServer server{loop, handler, open};
};

constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
constexpr std::string_view kHeader = "PROXY TCP4 192.0.2.1 198.51.100.1 51234 443\r\n";

TEST(ProxiedConnection, IsOfTheAddressThatTheProxyNamed) {
  Scene scene;
  const auto caller =
      make_tcp_transport(scene.loop, scene.connect(std::string(kHeader) + std::string(kRequest)));
  EXPECT_TRUE(scene.listen(*caller).ends_with("\r\n\r\n192.0.2.1:51234"));
}

TEST(ProxiedConnection, IsOfTheAddressThatTheProxyNamedBeforeTls) {
  Scene scene;
  TlsWorld world;
  const auto context = world.server();
  auto plain = make_tcp_transport(scene.loop, scene.connect(kHeader, context.get()));
  const auto caller =
      make_tls_client_transport(std::move(plain), world.client(), "api.example", "peer:1");

  ASSERT_EQ(run(scene.loop, shake_hands(*caller, soon(scene.loop))), IoStatus::Ok);
  caller->write({&kRequest, 1});
  EXPECT_TRUE(scene.listen(*caller).ends_with("\r\n\r\n192.0.2.1:51234"));
}

TEST(ProxiedConnection, EndsWithoutAWordWhenTheHeaderIsMissing) {
  Scene scene;
  const auto caller = make_tcp_transport(scene.loop, scene.connect(kRequest));
  EXPECT_EQ(scene.listen(*caller), "");
  EXPECT_EQ(scene.open, 0U);
}

}  // namespace
}  // namespace sluice::net
