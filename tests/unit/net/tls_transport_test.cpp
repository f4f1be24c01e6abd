#include "net/transport_tls.h"
#include "unit/net/tls_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::net {
namespace {

struct Scene {
  TlsWorld world;
  Loop loop;
  std::shared_ptr<const TlsServerContext> server = world.server();
  std::shared_ptr<const TlsClientContext> client = world.client();

  TlsPair connected() {
    TlsPair pair(loop, server, client);
    EXPECT_EQ(pair.shake(loop), IoStatus::Ok) << pair.client->failure();
    return pair;
  }
};

Task<IoStatus> read_all(Transport& transport, std::string& text, std::size_t enough,
                        Instant until) {
  std::array<char, 5000> buffer;
  while (text.size() < enough) {
    const ReadOutcome outcome = co_await read_some(transport, buffer, until);
    if (outcome.status != IoStatus::Ok) co_return outcome.status;
    text.append(buffer.data(), outcome.bytes);
  }
  co_return IoStatus::Ok;
}

std::string read_text(Scene& scene, Transport& transport, std::size_t size) {
  std::string text;
  EXPECT_EQ(run(scene.loop, read_all(transport, text, size, soon(scene.loop))), IoStatus::Ok);
  return text;
}

IoStatus next_end(Scene& scene, Transport& transport) {
  std::string text;
  return run(scene.loop, read_all(transport, text, std::string::npos, soon(scene.loop)));
}

std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 31 % 26);
  return text;
}

TEST(TlsTransport, CarriesMoreThanASocketHolds) {
  Scene scene;
  TlsPair pair = scene.connected();
  const std::string head = "head";
  const std::string body = pattern(3'000'000);
  const std::string tail = pattern(20'000);
  const std::vector<std::string_view> pieces{head, "", body, tail};

  std::optional<IoStatus> written;
  std::string received;
  std::optional<IoStatus> read;
  scene.loop.spawn(store(write_all(*pair.client, pieces, std::chrono::seconds(20)), written));
  scene.loop.spawn(store(
      read_all(*pair.server, received, head.size() + body.size() + tail.size(), soon(scene.loop)),
      read));
  turn_until(scene.loop, [&] { return written && read; });

  EXPECT_EQ(written, IoStatus::Ok);
  EXPECT_TRUE(received == head + body + tail);
}

TEST(TlsTransport, TakesUpAStalledRecordWhenTheRestIsCutOtherwise) {
  Scene scene;
  TlsPair pair = scene.connected();
  const std::string text = pattern(2'000'000);

  std::size_t sent = 0;
  std::size_t grain = 1000;
  std::string received;
  std::array<char, 60'000> buffer;
  while (received.size() < text.size()) {
    std::vector<std::string_view> pieces;
    for (std::size_t at = sent; at < text.size(); at += grain) {
      pieces.push_back(std::string_view(text).substr(at, grain));
    }
    grain = grain % 30'000 + 777;
    const IoResult result = pair.client->write(pieces);
    ASSERT_NE(result.status, IoResult::Status::Failed) << pair.client->failure();
    sent += result.bytes;
    scene.loop.run_once(Duration::zero());
    for (;;) {
      const IoResult read = pair.server->read(buffer);
      ASSERT_NE(read.status, IoResult::Status::Failed);
      received.append(buffer.data(), read.bytes);
      if (read.status != IoResult::Status::Done) break;
    }
  }
  EXPECT_TRUE(received == text);
}

TEST(TlsTransport, GivesSeveralRecordsAtOnce) {
  Scene scene;
  TlsPair pair = scene.connected();
  for (const std::string_view text : {"one ", "two ", "three"}) {
    ASSERT_EQ(pair.server->write({&text, 1}).status, IoResult::Status::Done);
  }
  turn_until(scene.loop, [&] { return pair.client->descriptor().can_read(); });
  std::array<char, 100> buffer;
  const IoResult result = pair.client->read(buffer);

  EXPECT_EQ(std::string_view(buffer.data(), result.bytes), "one two three");
}

TEST(TlsTransport, AnAnnouncedEndIsAnEnd) {
  Scene scene;
  TlsPair pair = scene.connected();
  pair.server->finish();
  EXPECT_EQ(next_end(scene, *pair.client), IoStatus::End);
}

TEST(TlsTransport, AnEndWithoutNoticeIsAFailure) {
  Scene scene;
  TlsPair pair = scene.connected();
  ::shutdown(pair.server->descriptor().fd(), SHUT_WR);

  EXPECT_EQ(next_end(scene, *pair.client), IoStatus::Failed);
  EXPECT_EQ(pair.client->failure(), "the peer closed the connection without notice");
}

TEST(TlsTransport, TellsThatThePeerDoesNotSpeakTls) {
  Scene scene;
  std::array<int, 2> fds;
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
  const auto plain = make_tcp_transport(scene.loop, fds[0]);
  const auto client = make_tls_client_transport(make_tcp_transport(scene.loop, fds[1]),
                                                scene.client, "api.example", "peer:1");
  const std::string_view text = "HTTP/1.1 400 Bad Request\r\n\r\n";
  plain->write({&text, 1});

  EXPECT_EQ(run(scene.loop, shake_hands(*client, soon(scene.loop))), IoStatus::Failed);
  EXPECT_EQ(client->failure(), "the peer does not speak TLS here");
}

TEST(TlsTransport, StopsWaitingForAHandshakeAtTheDeadline) {
  Scene scene;
  TlsPair pair(scene.loop, scene.server, scene.client);
  EXPECT_EQ(
      run(scene.loop, shake_hands(*pair.client, scene.loop.now() + std::chrono::milliseconds(20))),
      IoStatus::TimedOut);
}

TEST(TlsTransport, FailsWithoutASignalWhenThePeerIsGone) {
  Scene scene;
  TlsPair pair = scene.connected();
  pair.server.reset();
  const std::string text = pattern(100'000);
  const std::string_view piece = text;
  EXPECT_EQ(run(scene.loop, write_all(*pair.client, {&piece, 1}, std::chrono::seconds(20))),
            IoStatus::Failed);
}

// Two ends without sockets: only OpenSSL can tell whether a session was resumed.
bool resumes(const TlsServerContext& server_context, const TlsClientContext& client_context,
             const std::string& name = "api.example") {
  const TlsHandle<SSL> server = server_context.new_connection();
  const TlsHandle<SSL> client = client_context.new_connection(name, "peer:1");
  BIO* server_end = nullptr;
  BIO* client_end = nullptr;
  BIO_new_bio_pair(&server_end, 0, &client_end, 0);
  SSL_set_bio(server.get(), server_end, server_end);
  SSL_set_bio(client.get(), client_end, client_end);
  for (int i = 0; i < 10; ++i) {
    SSL_do_handshake(client.get());
    SSL_do_handshake(server.get());
  }
  char byte = 0;
  SSL_read(client.get(), &byte, 1);  // Takes the tickets.
  client_context.connected(*client);
  const bool resumed = SSL_session_reused(client.get()) == 1;
  SSL_set_shutdown(client.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  return resumed;
}

TEST(TlsSessions, AreResumedWithTheSameServerOnly) {
  Scene scene;
  EXPECT_FALSE(resumes(*scene.server, *scene.client));
  EXPECT_TRUE(resumes(*scene.server, *scene.client));
  EXPECT_TRUE(resumes(*scene.server, *scene.client));
  EXPECT_FALSE(resumes(*scene.server, *scene.client, "other.example"));
}

TEST(TlsSessions, DoNotOutliveARenewedContext) {
  Scene scene;
  EXPECT_FALSE(resumes(*scene.server, *scene.client));
  EXPECT_FALSE(resumes(*scene.world.server(), *scene.client));
}

TEST(TlsSessions, SurviveAConnectionThatIsDropped) {
  Scene scene;
  {
    TlsPair pair = scene.connected();
    const std::string_view text = "ping";
    pair.server->write({&text, 1});
    EXPECT_EQ(read_text(scene, *pair.client, 4), text);
  }
  EXPECT_TRUE(resumes(*scene.server, *scene.client));
}

}  // namespace
}  // namespace sluice::net
