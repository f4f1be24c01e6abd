#include "net/address.h"

#include <gtest/gtest.h>

namespace sluice::net {
namespace {

TEST(ListenAddress, ReadsEachOfItsSpellings) {
  for (const std::string text :
       {"127.0.0.1:8080", "[::]:8080", "[2001:db8::1]:0", "unix:/run/sluice.sock"}) {
    const auto address = parse_listen_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->text(), text);
  }
  EXPECT_EQ(parse_listen_address("localhost:80")->text(), "127.0.0.1:80");
}

TEST(ListenAddress, RefusesWhatNamesNoSocket) {
  for (const std::string text :
       {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:8x",
        "::1:80", "[127.0.0.1]:80", "example.com:80", "unix:", ":80", "[]:80"}) {
    EXPECT_FALSE(parse_listen_address(text)) << text;
  }
  EXPECT_FALSE(parse_listen_address("unix:/" + std::string(200, 'x')));
}

TEST(SocketAddress, ComparesByAddressAndPort) {
  const auto ip = *parse_ip("10.1.2.3");
  EXPECT_EQ(SocketAddress(ip, 80), SocketAddress(ip, 80));
  EXPECT_NE(SocketAddress(ip, 80), SocketAddress(ip, 81));
  EXPECT_NE(SocketAddress(ip, 80), SocketAddress(*parse_ip("10.1.2.4"), 80));
  EXPECT_EQ(SocketAddress(ip, 80).with_port(81), SocketAddress(ip, 81));
  EXPECT_EQ(SocketAddress::unix_path("/a"), SocketAddress::unix_path("/a"));
  EXPECT_NE(SocketAddress::unix_path("/a"), SocketAddress::unix_path("/b"));
}

TEST(IpAddress, IsEqualInBothSpellings) {
  EXPECT_EQ(parse_ip("::ffff:10.0.0.1"), parse_ip("10.0.0.1"));
  EXPECT_EQ(parse_ip("::ffff:10.0.0.1")->text(), "10.0.0.1");
  EXPECT_EQ(parse_ip("2001:DB8::0:1")->text(), "2001:db8::1");
}

TEST(IpAddress, RefusesZonesBracketsAndHalves) {
  for (const char* text :
       {"", "10.0.0", "10.0.0.256", "010.0.0.1x", "[::1]", "fe80::1%eth0", "::1 "}) {
    EXPECT_FALSE(parse_ip(text)) << text;
  }
  EXPECT_FALSE(parse_ip(std::string_view("10.0.0.1\0x", 10)));
}

}  // namespace
}  // namespace sluice::net
