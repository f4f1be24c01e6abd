#include "net/connector.h"

#include "net/happy_eyeballs.h"
#include "unit/net/tls_support.h"
#include "unit/net/upstream_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace sluice::net {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;
using Opened = Result<std::unique_ptr<Transport>>;

const IpAddress kLocal = *parse_ip("127.0.0.1");

struct Scene {
  Loop loop;
  BlockingPool pool;
  Resolver resolver{pool, {}, names_of({SocketAddress(kLocal, 0)})};

  Opened open(const Origin& origin) {
    return run(loop, connect(loop, resolver, origin, soon(loop)));
  }
};

int option(Transport& transport, int level, int name) {
  int value = 0;
  socklen_t size = sizeof(value);
  ::getsockopt(transport.descriptor().fd(), level, name, &value, &size);
  return value;
}

TEST(Connector, OpensAConnectionThatIsReadyForUse) {
  Scene scene;
  Server server(scene.loop);
  const Opened opened = scene.open({.host = "api.example", .port = server.port()});

  ASSERT_TRUE(opened);
  EXPECT_NE(option(**opened, IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_NE(option(**opened, SOL_SOCKET, SO_KEEPALIVE), 0);
}

TEST(Connector, TellsThatNobodyListens) {
  Scene scene;
  DeafPort deaf;
  const Opened opened = scene.open({.host = "api.example", .port = deaf.port()});

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error()->kind, ErrorKind::UpstreamUnavailable);
  EXPECT_EQ(opened.error()->code, "upstream_error");
  EXPECT_EQ(opened.error()->retry, Retry::OtherTarget);
  EXPECT_EQ(opened.error()->message, "could not connect to api.example: Connection refused");
}

TEST(Connector, GivesUpOnASilentAddressAtTheDeadline) {
  Scene scene;
  // A queue that is full answers nobody.
  const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const SocketAddress any(kLocal, 0);
  ASSERT_EQ(::bind(silent, any.data(), any.size()), 0);
  ASSERT_EQ(::listen(silent, 0), 0);
  const SocketAddress address = SocketAddress::bound_to(silent);
  std::vector<std::unique_ptr<Transport>> crowd;
  Opened opened;
  do {
    opened = run(scene.loop, connect_first(scene.loop, "api.example", {address},
                                           scene.loop.now() + milliseconds(60)));
    if (opened) crowd.push_back(std::move(*opened));
  } while (opened || crowd.empty());

  EXPECT_EQ(opened.error()->kind, ErrorKind::DeadlineExceeded);
  EXPECT_EQ(opened.error()->code, "upstream_timeout");
  EXPECT_THAT(opened.error()->message, HasSubstr("connect"));
  ::close(silent);
}

TEST(HappyEyeballs, LetsTheFamiliesTakeTurns) {
  const auto at = [](const char* ip) { return SocketAddress(*parse_ip(ip), 1); };
  EXPECT_EQ(interleaved({at("::1"), at("::2"), at("::3"), at("10.0.0.1"), at("10.0.0.2")}),
            (std::vector{at("::1"), at("10.0.0.1"), at("::2"), at("10.0.0.2"), at("::3")}));
  EXPECT_EQ(interleaved({at("10.0.0.1"), at("::1"), at("::2")}),
            (std::vector{at("10.0.0.1"), at("::1"), at("::2")}));
  EXPECT_TRUE(interleaved({}).empty());
}

TEST(HappyEyeballs, GoesOnAtOnceWhenAnAddressRefuses) {
  Scene scene;
  Server server(scene.loop);
  const Opened opened =
      run(scene.loop, connect_first(scene.loop, "api.example",
                                    {SocketAddress(*parse_ip("127.0.0.2"), server.port()),
                                     SocketAddress(kLocal, server.port())},
                                    scene.loop.now() + milliseconds(200)));
  EXPECT_TRUE(opened);
}

TEST(HappyEyeballs, DoesNotWaitForASilentAddress) {
  Scene scene;
  Server server(scene.loop);
  const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const SocketAddress any(kLocal, 0);
  ASSERT_EQ(::bind(silent, any.data(), any.size()), 0);
  ASSERT_EQ(::listen(silent, 0), 0);
  const SocketAddress address = SocketAddress::bound_to(silent);
  std::vector<std::unique_ptr<Transport>> crowd;
  while (auto opened = run(scene.loop, connect_first(scene.loop, "crowd", {address},
                                                     scene.loop.now() + milliseconds(60)))) {
    crowd.push_back(std::move(*opened));
  }

  const Opened opened = run(
      scene.loop, connect_first(scene.loop, "api.example",
                                {address, SocketAddress(kLocal, server.port())}, soon(scene.loop)));
  ASSERT_TRUE(opened);
  EXPECT_EQ(server.accepted(), 1);
  ::close(silent);
}

TEST(Connector, MayBeAbandonedAnywhere) {
  Scene scene;
  TlsWorld world;
  Server server(scene.loop, world.server());
  const Origin origin{
      .host = "api.example", .port = server.port(), .tls = true, .tls_context = world.client()};
  for (int turns = 0; turns < 12; ++turns) {
    Task<Opened> task = connect(scene.loop, scene.resolver, origin, kNever);
    task.enter(std::noop_coroutine()).resume();
    for (int i = 0; i < turns; ++i) scene.loop.run_once(milliseconds(2));
  }
  EXPECT_TRUE(scene.open(origin));
}

TEST(Connector, ChecksTheCertificateAgainstTheName) {
  Scene scene;
  TlsWorld world;
  Server server(scene.loop, world.server());
  Origin origin{
      .host = "api.example", .port = server.port(), .tls = true, .tls_context = world.client()};
  EXPECT_TRUE(scene.open(origin));

  origin.server_name = "other.example";
  const Opened opened = scene.open(origin);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error()->code, "upstream_error");
  EXPECT_EQ(opened.error()->message,
            "TLS with other.example failed: the certificate is for another host name");
}

TEST(Connector, GivesUpOnAHandshakeAtTheDeadline) {
  Scene scene;
  TlsWorld world;
  Server mute(scene.loop);
  const Origin origin{
      .host = "api.example", .port = mute.port(), .tls = true, .tls_context = world.client()};
  const Opened opened = run(
      scene.loop, connect(scene.loop, scene.resolver, origin, scene.loop.now() + milliseconds(50)));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error()->code, "upstream_timeout");
}

// Answers one CONNECT, then, if there is a context, is the server behind the proxy.
Task<void> be_proxy(Server& server, std::string& asked, std::string answer,
                    const TlsServerContext* tls) {
  std::array<char, 2000> buffer;
  while (!asked.ends_with("\r\n\r\n")) {
    const ReadOutcome outcome = co_await read_some(*server.peers.front(), buffer, kNever);
    if (outcome.status != IoStatus::Ok) co_return;
    asked.append(buffer.data(), outcome.bytes);
  }
  const std::string_view piece = answer;
  co_await write_all(*server.peers.front(), {&piece, 1}, std::chrono::seconds(10));
  if (!tls) co_return;
  server.peers.front() = make_tls_server_transport(std::move(server.peers.front()), *tls);
  co_await shake_hands(*server.peers.front(), kNever);
}

struct ProxyScene : Scene {
  TlsWorld world;
  std::shared_ptr<const TlsServerContext> behind = world.server();
  Server proxy{loop};
  std::string asked;

  Opened open_by_proxy(Origin origin, const std::string& answer, const TlsServerContext* tls) {
    origin.proxy = *parse_proxy("http://user:p%40ss@127.0.0.1:" + std::to_string(proxy.port()));
    std::optional<Opened> opened;
    loop.spawn(store(connect(loop, resolver, origin, soon(loop)), opened));
    turn_until(loop, [&] { return proxy.accepted() == 1; });
    loop.spawn(be_proxy(proxy, asked, answer, tls));
    turn_until(loop, [&] { return opened.has_value(); });
    return *std::move(opened);
  }
};

TEST(Proxy, LeadsToTheOriginWhoseCertificateIsStillChecked) {
  ProxyScene scene;
  const Opened opened = scene.open_by_proxy(
      {.host = "api.example", .port = 443, .tls = true, .tls_context = scene.world.client()},
      "HTTP/1.1 200 Connection established\r\n\r\n", scene.behind.get());

  ASSERT_TRUE(opened);
  EXPECT_EQ(scene.asked,
            "CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n"
            "Proxy-Authorization: Basic dXNlcjpwQHNz\r\n\r\n");
}

TEST(Proxy, ThatRefusesIsNamedWithoutItsPassword) {
  ProxyScene scene;
  const Opened opened = scene.open_by_proxy({.host = "api.example", .port = 80},
                                            "HTTP/1.1 407 Who are you\r\n\r\n", nullptr);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error()->code, "upstream_error");
  EXPECT_EQ(opened.error()->detail, "status 407");
  EXPECT_THAT(opened.error()->message, Not(HasSubstr("p@ss")));
}

TEST(Proxy, MayNotSpeakForTheOrigin) {
  ProxyScene scene;
  EXPECT_FALSE(scene.open_by_proxy({.host = "api.example", .port = 80},
                                   "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", nullptr));
}

TEST(Proxy, MustAnswerInHttp) {
  ProxyScene scene;
  EXPECT_FALSE(
      scene.open_by_proxy({.host = "api.example", .port = 80}, "220 mail\r\n\r\n", nullptr));
}

TEST(ProxyUrl, ReadsHostPortAndCredentials) {
  EXPECT_EQ(*parse_proxy("http://proxy.internal:3128"), (Proxy{"proxy.internal", 3128, ""}));
  EXPECT_EQ(*parse_proxy("http://proxy.internal/"), (Proxy{"proxy.internal", 80, ""}));
  EXPECT_EQ(*parse_proxy("http://[::1]:3128"), (Proxy{"::1", 3128, ""}));
  EXPECT_EQ(*parse_proxy("http://a:b@p:1"), (Proxy{"p", 1, "Basic YTpi"}));
}

TEST(ProxyUrl, IsRefusedWithoutBeingQuoted) {
  for (const char* url :
       {"", "https://hunter2@p:1", "p:1", "http://", "http://:1", "http://a:hunter2@p:0",
        "http://a:hunter2@p:x", "http://a:hunter2%@p:1", "http://a:hunter2%4@p", "http://p/path",
        "http://p:1/hunter2", "http://[::1", "http://a:hunter2@p q:1"}) {
    const auto proxy = parse_proxy(url);
    ASSERT_FALSE(proxy) << url;
    EXPECT_THAT(proxy.error()->message, Not(HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace sluice::net
