#include "admin/admin_server.h"

#include "unit/admin/fake_operator.h"
#include "unit/admin/loopback_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::admin {
namespace {

using ::testing::StartsWith;

net::ListeningSocket some_port() {
  auto sockets = net::open_listening_sockets(net::SocketAddress(*net::parse_ip("127.0.0.1"), 0), 1);
  return std::move(sockets->front());
}

constexpr std::string_view kProbe = "GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n";

TEST(AdminServer, AnswersOnAThreadOfItsOwn) {
  FakeOperator gateway(kOpenConfig);
  AdminServer server(gateway, some_port());
  server.start();
  LoopbackClient client(server.address());

  client.send(kProbe);

  ASSERT_TRUE(client.read_until("\"ok\"}"));
  EXPECT_THAT(client.read(), StartsWith("HTTP/1.1 200"));
}

TEST(AdminServer, HangsUpOnIdleConnectionsWhenItStops) {
  FakeOperator gateway(kOpenConfig);
  AdminServer server(gateway, some_port());
  server.start();
  LoopbackClient client(server.address());
  client.send(kProbe);
  ASSERT_TRUE(client.read_until("\"ok\"}"));

  server.stop();

  client.read_to_end();
  EXPECT_EQ(client.end(), 0);
  EXPECT_FALSE(LoopbackClient(server.address()).connected());
}

TEST(AdminServer, StopsWithARequestHalfSent) {
  FakeOperator gateway(kOpenConfig);
  AdminServer server(gateway, some_port());
  server.start();
  LoopbackClient first(server.address());
  LoopbackClient second(server.address());
  first.send(
      "POST /admin/v1/config/check HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n"
      "expect: 100-continue\r\n\r\n");
  ASSERT_TRUE(first.read_until("100 Continue"));
  second.send("GET /livez HTTP/1.1\r\n");

  server.stop();

  EXPECT_FALSE(LoopbackClient(server.address()).connected());
}

TEST(AdminServer, MayBeStoppedBeforeItStartsAndTwice) {
  FakeOperator gateway(kOpenConfig);
  AdminServer never_started(gateway, some_port());
  never_started.stop();
  AdminServer server(gateway, some_port());
  server.start();

  server.stop();
  server.stop();

  EXPECT_FALSE(LoopbackClient(server.address()).connected());
}

}  // namespace
}  // namespace sluice::admin
