#include "config/listen_address.h"
#include "config/network.h"
#include "config/url.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>

namespace sluice::config {
namespace {

IpBytes ip(const char* text) {
  IpBytes bytes{};
  EXPECT_EQ(::inet_pton(AF_INET6, text, bytes.data()), 1) << text;
  return bytes;
}

TEST(Url, HasASchemeAHostAPortAndAPath) {
  const auto url = parse_url("https://API.example.com/v1/");

  ASSERT_TRUE(url);
  EXPECT_EQ(*url, (Url{.https = true, .host = "api.example.com", .port = 443, .path = "/v1"}));
  EXPECT_EQ(url->text(), "https://api.example.com/v1");
}

TEST(Url, NamesThePortInItsAuthorityOnlyWhenItIsNotTheSchemesOwn) {
  EXPECT_EQ(parse_url("http://127.0.0.1:8000/v1")->authority(), "127.0.0.1:8000");
  EXPECT_EQ(parse_url("http://[::1]:80")->authority(), "[::1]");
  EXPECT_EQ(parse_url("https://a:443")->authority(), "a");
}

TEST(Url, RefusesWhatCouldLeadElsewhere) {
  for (const auto* text : {"",
                           "ftp://a",
                           "a.example.com",
                           "https://",
                           "https:///v1",
                           "https://user:pass@a/",
                           "https://a@b",
                           "https://a?x=1",
                           "https://a/#x",
                           "https://a/../b",
                           "https://a/%2",
                           "https://a b",
                           "https://a\r\nx",
                           "https://a%2fb",
                           "https://-a",
                           "https://a:0",
                           "https://a:70000",
                           "https://a:",
                           "https://[::1",
                           "https://[zz]",
                           "https://a//b",
                           "https://a\\b",
                           "https://ä"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(Url, NeverRepeatsAPasswordInItsError) {
  const auto refused = parse_url("https://user:hunter2@api.example.com/v1");

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().find("hunter2"), std::string::npos);
}

TEST(ListenAddress, IsNumericOrAUnixSocket) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:8080", ".")->text(), "127.0.0.1:8080");
  EXPECT_EQ(parse_listen_address("localhost:0", ".")->text(), "127.0.0.1:0");
  EXPECT_EQ(parse_listen_address("[::]:80", ".")->text(), "[::]:80");
  EXPECT_EQ(parse_listen_address("[0:0::1]:80", ".")->text(), "[::1]:80");
  EXPECT_EQ(parse_listen_address("unix:run/s", "/etc/sluice")->path, "/etc/sluice/run/s");
}

TEST(ListenAddress, RefusesNamesAndMissingPorts) {
  for (const auto* text : {"", "8080", ":8080", "*:8080", "example.com:80", "::1:80", "[::1]",
                           "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "unix:", "[]:1"}) {
    EXPECT_FALSE(parse_listen_address(text, ".")) << text;
  }
  EXPECT_FALSE(parse_listen_address("unix:/" + std::string(200, 'a'), "."));
}

TEST(ListenAddress, KnowsWhetherOnlyThisMachineReachesIt) {
  EXPECT_TRUE(parse_listen_address("127.1.2.3:1", ".")->is_local());
  EXPECT_TRUE(parse_listen_address("[::1]:1", ".")->is_local());
  EXPECT_TRUE(parse_listen_address("unix:a", ".")->is_local());
  EXPECT_FALSE(parse_listen_address("0.0.0.0:1", ".")->is_local());
  EXPECT_FALSE(parse_listen_address("[::]:1", ".")->is_local());
}

TEST(Network, ContainsTheAddressesOfItsPrefix) {
  const auto ten = *parse_network("10.0.0.0/8");
  EXPECT_TRUE(ten.contains(ip("::ffff:10.200.3.4")));
  EXPECT_FALSE(ten.contains(ip("::ffff:11.0.0.1")));
  EXPECT_FALSE(ten.contains(ip("::a00:1")));

  const auto one = *parse_network("192.0.2.7");
  EXPECT_EQ(one.text(), "192.0.2.7/32");
  EXPECT_TRUE(one.contains(ip("::ffff:192.0.2.7")));
  EXPECT_FALSE(one.contains(ip("::ffff:192.0.2.6")));

  const auto odd = *parse_network("2001:db8::/33");
  EXPECT_TRUE(odd.contains(ip("2001:db8:7fff::1")));
  EXPECT_FALSE(odd.contains(ip("2001:db8:8000::1")));
}

TEST(Network, OfAllOfIPv6HasNoAddressOfIPv4) {
  EXPECT_FALSE(parse_network("::/0")->contains(ip("::ffff:10.0.0.1")));
  EXPECT_TRUE(parse_network("0.0.0.0/0")->contains(ip("::ffff:10.0.0.1")));
  EXPECT_TRUE(parse_network("::/0")->contains(ip("2001:db8::1")));
}

TEST(Network, RefusesBitsBehindThePrefixAndSaysWhatWasMeant) {
  EXPECT_EQ(parse_network("10.1.2.3/8").error(),
            "the address has bits behind its prefix; did you mean \"10.0.0.0/8\"?");
  for (const auto* text :
       {"", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1", "a/8"}) {
    EXPECT_FALSE(parse_network(text)) << text;
  }
}

}  // namespace
}  // namespace sluice::config
