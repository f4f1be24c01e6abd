// A token endpoint on a real socket.
#include "providers/credentials/fetch.h"

#include "unit/net/tls_support.h"
#include "unit/net/upstream_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::providers {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class Fetches : public testing::Test {
 protected:
  ~Fetches() override { loop_.abandon_all(); }

  FetchRequest post(const std::string& path) {
    return {.method = "POST",
            .url = *config::parse_url("http://127.0.0.1:" + std::to_string(server_.port()) + path),
            .query = "a=b",
            .fields = {{"content-type", "text/plain"}},
            .body = "s3cr3t"};
  }
  void ask(FetchRequest request, std::optional<Instant> deadline = std::nullopt) {
    out_.reset();
    loop_.spawn(
        net::store(fetch_.fetch(std::move(request), deadline.value_or(net::soon(loop_))), out_));
  }
  std::string asked(std::string_view until) {
    net::turn_until(loop_, [&] { return !server_.peers.empty(); });
    std::string text;
    while (!text.contains(until)) {
      std::array<char, 4096> space;
      const auto read =
          net::run(loop_, net::read_some(*server_.peers.back(), space, net::soon(loop_)));
      if (read.status != net::IoStatus::Ok) break;
      text.append(space.data(), read.bytes);
    }
    return text;
  }
  void say(const std::string& bytes) {
    const std::string_view piece = bytes;
    net::run(loop_, net::write_all(*server_.peers.back(), {&piece, 1}, seconds(20)));
  }
  Result<FetchReply>& answer() {
    net::turn_until(loop_, [&] { return out_.has_value(); });
    return *out_;
  }

  net::Loop loop_;
  BlockingPool threads_;
  net::Resolver resolver_{threads_};
  net::Server server_{loop_};
  HttpFetch fetch_{loop_, resolver_, nullptr};
  std::optional<Result<FetchReply>> out_;
};

TEST_F(Fetches, SendTheRequestAndReadTheWholeAnswer) {
  ask(post("/token"));
  const std::string text = asked("s3cr3t");
  say("HTTP/1.1 401 No\r\ncontent-length: 5\r\n\r\nhe");
  say("llo");

  EXPECT_THAT(text, StartsWith("POST /token?a=b HTTP/1.1\r\nhost: 127.0.0.1:"));
  EXPECT_THAT(text, HasSubstr("\r\ncontent-type: text/plain\r\n"));
  EXPECT_THAT(text, EndsWith("content-length: 6\r\n\r\ns3cr3t"));
  ASSERT_TRUE(answer());
  EXPECT_EQ(answer()->status, 401);
  EXPECT_EQ(answer()->body, "hello");
}

TEST_F(Fetches, FollowNoRedirection) {
  ask(post("/token"));
  asked("s3cr3t");
  say("HTTP/1.1 307 Elsewhere\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n");

  ASSERT_TRUE(answer());
  EXPECT_EQ(answer()->status, 307);
  EXPECT_EQ(server_.accepted(), 1);
}

TEST_F(Fetches, ReadNoAnswerWithoutEnd) {
  ask(post("/token"));
  asked("s3cr3t");
  say("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n" + std::string(300'000, 'x'));

  ASSERT_FALSE(answer());
  EXPECT_EQ(answer().error()->detail, "the answer is too large");
}

TEST_F(Fetches, WaitNoLongerThanTheDeadline) {
  ask(post("/token"), loop_.now());
  ASSERT_FALSE(answer());
}

TEST_F(Fetches, CanBeAbandoned) {
  {
    Task<Result<FetchReply>> task = fetch_.fetch(post("/token"), net::soon(loop_));
    task.enter(std::noop_coroutine()).resume();
    net::turn_until(loop_, [&] { return !server_.peers.empty(); });
  }
  std::array<char, 1> space;
  std::string text = asked("never");
  EXPECT_EQ(net::run(loop_, net::read_some(*server_.peers.back(), space, net::soon(loop_))).status,
            net::IoStatus::End);
}

TEST_F(Fetches, SendNothingInClearTextOverANetwork) {
  FetchRequest request = post("/token");
  request.url.host = "tokens.example";
  ask(std::move(request));

  ASSERT_FALSE(answer());
  EXPECT_THAT(answer().error()->detail, HasSubstr("https is required"));
}

TEST_F(Fetches, AskWhatIsNearbyNowhereElse) {
  FetchRequest request = post("/token");
  request.url.host = "192.0.2.1";
  request.url.https = true;
  request.reach = Reach::Nearby;
  ask(std::move(request));

  ASSERT_FALSE(answer());
  EXPECT_THAT(answer().error()->detail, HasSubstr("link-local"));
}

TEST_F(Fetches, CheckTheCertificateOfWhomTheyAsk) {
  net::TlsWorld world;
  net::TlsWorld strangers("Nobody's CA");
  net::Server server(loop_,
                     world.server({.common_name = "tokens", .alternative_name = "IP:127.0.0.1"}));
  FetchRequest request = post("/token");
  request.url.https = true;
  request.url.port = server.port();

  HttpFetch wary(loop_, resolver_, strangers.client());
  const auto refused = net::run(loop_, wary.fetch(request, net::soon(loop_)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error()->code, "upstream_error");
}

TEST(NearbyHosts, AreThisMachinesAndItsLinks) {
  for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "169.254.169.254", "::1",
                           "fe80::1", "fd00:ec2::254", "fd00:ec2::23", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_nearby(host)) << host;
  }
  for (const char* host :
       {"10.0.0.1", "169.253.0.1", "0.0.0.0", "metadata.google.internal", "localhost.example",
        "127.0.0.1.example", "::2", "fd00:ec2::22", "::ffff:8.8.8.8", "fec0::1", ""}) {
    EXPECT_FALSE(is_nearby(host)) << host;
  }
}

TEST(FetchUrls, MayHaveAQuery) {
  const auto url = parse_fetch_url("http://127.0.0.1/a?b=c&d");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->url.path, "/a");
  EXPECT_EQ(url->query, "b=c&d");
  for (const char* text : {"http://h/?a b", "http://h/?a\r\nx:y", "http://h/?a#b", "ftp://h/"}) {
    EXPECT_FALSE(parse_fetch_url(text)) << text;
  }
}

}  // namespace
}  // namespace sluice::providers
