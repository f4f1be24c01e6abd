#include "server/caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

class FixedDice final : public Random {
 public:
  std::uint64_t next() override { return 0x0123456789abcdef; }
};

class Callers : public testing::Test {
 protected:
  const net::http1::RequestHead& head(std::string_view lines,
                                      std::string_view target = "/v1/models") {
    text_ = "GET " + std::string(target) + " HTTP/1.1\r\nhost: h\r\n" + std::string(lines) + "\r\n";
    net::http1::HeadError error;
    std::size_t scanned = 0;
    EXPECT_EQ(net::http1::parse_request_head(text_, {}, head_, error, scanned),
              net::http1::HeadState::Complete)
        << error.message;
    return head_;
  }
  std::string_view credential(std::string_view lines, std::string_view target = "/v1/models") {
    return presented_credential(head(lines, target));
  }
  std::string address(std::string_view lines, const char* peer = "10.0.0.1") {
    const net::SocketAddress from(*net::parse_ip(peer), 1234);
    const auto found = caller_address(from, head(lines).fields, proxies_);
    return found ? found->text() : "none";
  }
  // In milliseconds; -1: refused, 0: none.
  std::int64_t timeout(std::string_view lines) {
    const auto asked = asked_timeout(head(lines).fields);
    if (!asked) return -1;
    return *asked ? std::chrono::duration_cast<milliseconds>(**asked).count() : 0;
  }
  // In milliseconds; 0: none.
  std::int64_t sdk(std::string_view lines, bool stream) {
    const auto asked = sdk_timeout(head(lines).fields, stream);
    return asked ? std::chrono::duration_cast<milliseconds>(*asked).count() : 0;
  }
  std::string user(std::string_view lines) {
    const auto asked = asked_user(head(lines).fields, arena_);
    return std::string(asked ? *asked : "refused");
  }
  std::vector<std::string> tags(std::string_view lines) {
    const auto asked = asked_tags(head(lines).fields, arena_);
    if (!asked) return {"refused"};
    std::vector<std::string> all;
    for (const Field& tag : *asked)
      all.push_back(std::string(tag.name) + ":" + std::string(tag.value));
    return all;
  }
  std::vector<std::string> forwarded(std::string_view lines, std::vector<std::string> more = {}) {
    std::vector<std::string> names;
    for (const Field& field : forwarded_headers(head(lines).fields, more, arena_)) {
      names.push_back(std::string(field.name) + "=" + std::string(field.value));
    }
    return names;
  }

  std::string text_;
  net::http1::RequestHead head_;
  Arena arena_;
  FixedDice dice_;
  std::vector<config::Network> proxies_{*config::parse_network("10.0.0.0/8")};
};

TEST_F(Callers, ShowTheirKeyWhereTheirSdkPutsIt) {
  EXPECT_EQ(credential("authorization: Bearer a\r\n"), "a");
  EXPECT_EQ(credential("authorization: bearer   a \r\n"), "a");
  EXPECT_EQ(credential("x-api-key: b\r\n"), "b");
  EXPECT_EQ(credential("api-key: c\r\n"), "c");
  EXPECT_EQ(credential("x-goog-api-key: d\r\n"), "d");
  EXPECT_EQ(credential({}, "/v1/models?a=1&key=e&b"), "e");
  EXPECT_EQ(credential("sec-websocket-protocol: realtime, openai-insecure-api-key.f\r\n"), "f");
  EXPECT_EQ(credential("authorization: Bearer a\r\nx-api-key: b\r\n"), "a");
}

TEST_F(Callers, ShowNoKeyInAnythingElse) {
  EXPECT_EQ(credential({}), "");
  EXPECT_EQ(credential("authorization: Basic a\r\n"), "");
  EXPECT_EQ(credential("authorization: Bearer\r\n"), "");
  EXPECT_EQ(credential({}, "/v1/models?monkey=e"), "");
  EXPECT_EQ(credential("cookie: key=a\r\n"), "");
}

TEST_F(Callers, KeepTheirRequestsIdWhenItIsSane) {
  const auto id = [&](std::string_view lines) {
    return request_id(head(lines).fields, dice_, arena_);
  };
  EXPECT_EQ(id("x-request-id: my-id_1.2\r\n"), "my-id_1.2");
  const std::string_view made = id({});
  EXPECT_EQ(made.size(), 28U);
  EXPECT_TRUE(made.starts_with("req_"));
  EXPECT_EQ(id("x-request-id: a b\r\n"), made);
  EXPECT_EQ(id("x-request-id: \"x\"\r\n"), made);
  EXPECT_EQ(id("x-request-id: " + std::string(129, 'a') + "\r\n"), made);
}

TEST_F(Callers, SayHowLongTheyWait) {
  EXPECT_EQ(timeout({}), 0);
  EXPECT_EQ(timeout("x-sluice-timeout: 2.5\r\n"), 2500);
  EXPECT_EQ(timeout("x-sluice-timeout: 500ms\r\n"), 500);
  EXPECT_EQ(timeout("x-sluice-timeout: 30s\r\n"), 30'000);
  EXPECT_EQ(timeout("x-sluice-timeout: 2m\r\n"), 120'000);
}

TEST_F(Callers, HaveSdksThatWait) {
  EXPECT_EQ(sdk({}, false), 0);
  EXPECT_EQ(sdk("x-stainless-timeout: 2.5\r\n", false), 2500);
  EXPECT_EQ(sdk("x-server-timeout: 30\r\n", false), 30'000);
  EXPECT_EQ(sdk("x-server-timeout: 30\r\n", true), 30'000);
  EXPECT_EQ(sdk("x-server-timeout: 30\r\nx-stainless-timeout: 20\r\n", false), 20'000);
  EXPECT_EQ(sdk("x-server-timeout: 30\r\nx-stainless-timeout: 20\r\n", true), 30'000)
      << "of a stream the other bounds the head alone";
  EXPECT_EQ(sdk("x-stainless-read-timeout: 600\r\n", false), 0) << "that is no deadline";
}

TEST_F(Callers, AreNotRefusedForWhatTheirSdkSays) {
  for (const std::string_view text : {"0", "-1", "x", "", "30s", "1e400", "nan", "inf"}) {
    EXPECT_EQ(sdk("x-stainless-timeout: " + std::string(text) + "\r\n", false), 0) << text;
  }
}

TEST_F(Callers, SayForWhomTheyAsk) {
  EXPECT_EQ(user({}), "");
  EXPECT_EQ(user("x-sluice-user: ann@example.com\r\n"), "ann@example.com");
  EXPECT_EQ(user("x-sluice-user: " + std::string(256, 'a') + "\r\n"), std::string(256, 'a'));
  EXPECT_EQ(user("x-sluice-user: " + std::string(257, 'a') + "\r\n"), "refused");
  EXPECT_EQ(user("x-sluice-user: a\tb\r\n"), "refused");
}

TEST_F(Callers, TagTheirRequests) {
  EXPECT_THAT(tags({}), ElementsAre());
  EXPECT_THAT(tags("x-sluice-tags: team=search, tier = gold ,x.y-z_1=a=b,empty=\r\n"),
              ElementsAre("team:search", "tier:gold", "x.y-z_1:a=b", "empty:"));
  EXPECT_THAT(tags("x-sluice-tags: a=1\r\nx-sluice-tags: b=2\r\n"), ElementsAre("a:1", "b:2"));
}

TEST_F(Callers, AreToldWhenTheirTagsAreNone) {
  const std::string tag = "a=1,";
  std::string many;
  for (int i = 0; i < 16; ++i) many += tag;
  EXPECT_EQ(tags("x-sluice-tags: " + many + "\r\n").size(), 16U);
  EXPECT_THAT(tags("x-sluice-tags: " + many + "a=1\r\n"), ElementsAre("refused"));
  for (const std::string& text :
       {std::string("a"), std::string("=1"), std::string("a b=1"), std::string("a=1,,b=2"),
        std::string("a=\t1\t2"), std::string(65, 'a') + "=1", "a=" + std::string(257, '1')}) {
    EXPECT_THAT(tags("x-sluice-tags: " + text + "\r\n"), ElementsAre("refused")) << text;
  }
}

TEST_F(Callers, AreToldWhenTheirTimeoutIsNone) {
  for (const std::string_view text :
       {"0", "-1", "x", "", "1h", "1e400", "nan", "inf", "100000", "1 s", "0x10"}) {
    EXPECT_EQ(timeout("x-sluice-timeout: " + std::string(text) + "\r\n"), -1) << text;
  }
}

TEST_F(Callers, AreWhereTheyConnectFrom) {
  EXPECT_EQ(address("x-forwarded-for: 1.2.3.4\r\n", "192.0.2.1"), "192.0.2.1")
      << "anybody can write that header";
  proxies_.clear();
  EXPECT_EQ(address("x-forwarded-for: 1.2.3.4\r\n"), "10.0.0.1");
}

TEST_F(Callers, BehindProxiesAreTheLastThatTheseDidNotAddThemselves) {
  EXPECT_EQ(address({}), "10.0.0.1");
  EXPECT_EQ(address("x-forwarded-for: 1.2.3.4\r\n"), "1.2.3.4");
  EXPECT_EQ(address("x-forwarded-for: 6.6.6.6, 1.2.3.4, 10.0.0.7\r\n"), "1.2.3.4");
  EXPECT_EQ(address("x-forwarded-for: 10.0.0.9, 10.0.0.8\r\n"), "10.0.0.9");
  EXPECT_EQ(address("x-forwarded-for: 2001:db8::1\r\n"), "2001:db8::1");
}

TEST_F(Callers, CannotHideBehindALineOfTheirOwn) {
  EXPECT_EQ(address("x-forwarded-for: 6.6.6.6\r\nx-forwarded-for: 1.2.3.4\r\n"), "1.2.3.4");
  EXPECT_EQ(address("x-forwarded-for: 1.2.3.4\r\nx-forwarded-for: 10.0.0.3\r\n"), "1.2.3.4");
}

TEST_F(Callers, AreNotGuessedFromWhatIsNoAddress) {
  EXPECT_EQ(address("x-forwarded-for: 6.6.6.6, unknown\r\n"), "10.0.0.1");
  EXPECT_EQ(address("x-forwarded-for: 6.6.6.6,, 10.0.0.2\r\n"), "10.0.0.2");
}

TEST_F(Callers, HaveNoAddressOnAUnixSocket) {
  const auto unix_peer = *net::SocketAddress::unix_path("/run/x");
  EXPECT_FALSE(caller_address(unix_peer, head("x-forwarded-for: 1.2.3.4\r\n").fields, proxies_));
}

TEST_F(Callers, HaveOnlyHarmlessHeadersPassedOn) {
  EXPECT_THAT(forwarded("accept: a\r\nauthorization: Bearer s\r\ncookie: c\r\nopenai-beta: b\r\n"
                        "x-stainless-lang: js\r\nx-sluice-user: u\r\nidempotency-key: i\r\n"
                        "user-agent: ua\r\nx-custom: x\r\naccept-encoding: gzip\r\n"),
              ElementsAre("accept=a", "openai-beta=b", "idempotency-key=i"));
  EXPECT_THAT(forwarded("x-custom: x\r\nx-other: y\r\n", {"X-Custom"}), ElementsAre("x-custom=x"));
}

TEST_F(Callers, KeepWhatTheyNominateAsMeantForUs) {
  EXPECT_THAT(forwarded("connection: close, OpenAI-Beta\r\nopenai-beta: b\r\naccept: a\r\n"),
              ElementsAre("accept=a"));
}

}  // namespace
}  // namespace sluice::server
