// The simulator over real sockets.
#include "cli/commands.h"
#include "cli/simulator_server.h"
#include "unit/admin/loopback_client.h"
#include "unit/net/tls_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <sstream>
#include <thread>

namespace sluice::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string post(const std::string& model, bool stream, const std::string& more_fields = {}) {
  const nlohmann::json body = {{"model", model},
                               {"stream", stream},
                               {"messages", {{{"role", "user"}, {"content", "Hello there!"}}}}};
  const std::string text = body.dump();
  return "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n" + more_fields +
         "content-length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
}

const std::string kClose = "connection: close\r\n";

class Simulate : public ::testing::Test {
 protected:
  void serve(const SimulateOptions& options = {}) {
    auto opened = SimulatorServer::open(options);
    ASSERT_TRUE(opened) << opened.error()->message;
    server_ = *std::move(opened);
    server_->start();
  }

  // All that comes back before the connection closes.
  std::string ask(const std::string& request) {
    LoopbackClient client(server_->address());
    client.send(request);
    return client.read_to_end();
  }

  std::unique_ptr<SimulatorServer> server_;
};

std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

std::string text_of(const std::string& answer) {
  return nlohmann::json::parse(body_of(answer))["choices"][0]["message"]["content"];
}

std::ptrdiff_t count(const std::string& text, const std::string& piece) {
  std::ptrdiff_t found = 0;
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) {
    ++found;
  }
  return found;
}

TEST_F(Simulate, AnswersInOnePiece) {
  serve();

  const std::string answer = ask(post("echo", false, kClose));

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("content-type: application/json"));
  EXPECT_THAT(answer, HasSubstr("x-request-id: req_"));
  EXPECT_EQ(text_of(answer), "Hello there!");
}

TEST_F(Simulate, KeepsItsConnections) {
  serve();
  LoopbackClient client(server_->address());

  for (int i = 1; i <= 3; ++i) {
    client.send(post("numbered-2", true));
    ASSERT_TRUE(client.read_until("0\r\n\r\n"));
  }

  client.send(post("echo", false, kClose));
  EXPECT_EQ(count(client.read_to_end(), "HTTP/1.1 200 OK"), 4);
}

TEST_F(Simulate, StreamsInChunksUntilTheLastOne) {
  serve();

  const std::string answer = ask(post("numbered-500", true, kClose));

  EXPECT_THAT(answer, HasSubstr("transfer-encoding: chunked"));
  EXPECT_THAT(answer, HasSubstr("content-type: text/event-stream"));
  EXPECT_EQ(count(answer, "data: {"), 502);
  EXPECT_THAT(answer, EndsWith("data: [DONE]\n\n\r\n0\r\n\r\n"));
}

TEST_F(Simulate, SendsWhatIsDueTogetherInOneChunk) {
  serve();

  const std::string answer = ask(post("numbered-5", true, kClose));

  EXPECT_EQ(count(body_of(answer), "\r\n"), 4);  // One chunk, and the last one.
}

TEST_F(Simulate, SendsEachPieceWhenItsTimeHasCome) {
  serve();

  const std::string answer = ask(post("numbered-3+gap=20ms", true, kClose));

  EXPECT_EQ(count(body_of(answer), "\r\n"), 2 + 3 * 2);
  EXPECT_THAT(answer, EndsWith("0\r\n\r\n"));
}

TEST_F(Simulate, LetsTheHeadDripOut) {
  serve();

  const std::string whole = ask(post("echo+slow-headers=20ms", false));
  const std::string stream = ask(post("numbered-2+slow-headers=20ms", true));

  EXPECT_THAT(whole, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(whole, HasSubstr("connection: close"));
  EXPECT_EQ(text_of(whole), "Hello there!");
  EXPECT_THAT(stream, EndsWith("data: [DONE]\n\n\r\n0\r\n\r\n"));
}

TEST_F(Simulate, CutsAStreamWithoutItsEnd) {
  serve();
  LoopbackClient client(server_->address());

  client.send(post("numbered-5+cut=2", true));

  const std::string& answer = client.read_to_end();
  EXPECT_EQ(client.end(), 0);
  EXPECT_EQ(count(answer, "data: {"), 3);
  EXPECT_THAT(answer, Not(EndsWith("0\r\n\r\n")));
}

TEST_F(Simulate, CutsABodyHalfWay) {
  serve();

  const std::string answer = ask(post("echo+cut", false));

  const std::size_t at = answer.find("content-length: ");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(body_of(answer).size(), std::stoul(answer.substr(at + 16)) / 2);
}

TEST_F(Simulate, ResetsAConnection) {
  serve();
  for (const bool stream : {true, false}) {
    LoopbackClient client(server_->address());

    client.send(post("echo+reset=1", stream));

    client.read_to_end();
    EXPECT_EQ(client.end(), ECONNRESET);
  }
}

TEST_F(Simulate, StallsUntilTheCallerLeaves) {
  serve();
  {
    LoopbackClient client(server_->address());
    client.send(post("numbered-5+stall=2", true));
    ASSERT_TRUE(client.read_until("\"1 \""));
  }

  EXPECT_EQ(text_of(ask(post("echo", false, kClose))), "Hello there!");
}

TEST_F(Simulate, StopsWhileAnAnswerStalls) {
  serve();
  LoopbackClient client(server_->address());
  client.send(post("numbered-5+stall=2", true));
  ASSERT_TRUE(client.read_until("\"1 \""));

  server_->stop();

  client.read_to_end();
  EXPECT_FALSE(LoopbackClient(server_->address()).connected());
}

TEST_F(Simulate, AnswersErrorsToOrder) {
  serve();

  const std::string answer = ask(post("echo+error=429+retry-after=2s", false, kClose));

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 429 "));
  EXPECT_THAT(answer, HasSubstr("retry-after: 2\r\n"));
}

TEST_F(Simulate, CountsItsSeedFromRequestToRequest) {
  serve({.seed = 5});
  const std::string first = ask(post("echo", false, kClose));
  const std::string second = ask(post("echo", false, kClose));
  serve({.seed = 6});

  EXPECT_NE(body_of(first), body_of(second));
  EXPECT_EQ(body_of(ask(post("echo", false, kClose))), body_of(second));
}

TEST_F(Simulate, WaitsBeforeEveryAnswerWhenToldTo) {
  serve({.delay = std::chrono::milliseconds(30)});
  const auto begun = std::chrono::steady_clock::now();

  ask(post("echo", false, kClose));

  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(30));
}

TEST_F(Simulate, ListsItsModels) {
  serve();

  const std::string answer =
      ask("GET /v1/models HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");

  EXPECT_EQ(nlohmann::json::parse(body_of(answer))["data"][0]["id"], "echo");
}

TEST_F(Simulate, AnswersOnlyWhoPresentsTheKey) {
  serve({.key = "sk-right"});
  const auto status = [&](const std::string& field) {
    return ask(post("echo", false, kClose + field)).substr(9, 3);
  };

  EXPECT_EQ(status(""), "401");
  EXPECT_EQ(status("authorization: Bearer sk-wrong\r\n"), "401");
  EXPECT_EQ(status("authorization: sk-right\r\n"), "401");
  EXPECT_EQ(status("authorization: Bearer sk-right\r\n"), "200");
  EXPECT_THAT(ask(post("echo", false, kClose)), HasSubstr("\"code\":\"invalid_api_key\""));
}

TEST_F(Simulate, ReadsFormsWhole) {
  serve();
  const std::string form =
      "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n" +
      std::string(200'000, 'x') +
      "\r\n--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\ntranscription\r\n--b--\r\n";

  const std::string answer =
      ask("POST /v1/audio/transcriptions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
          "content-type: multipart/form-data; boundary=b\r\ncontent-length: " +
          std::to_string(form.size()) + "\r\n\r\n" + form);

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, HasSubstr(std::to_string(form.size())));
}

TEST_F(Simulate, RefusesABodyOverItsLimit) {
  serve();

  const std::string answer = ask(
      "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 67108865\r\n\r\n");

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 413"));
}

TEST_F(Simulate, AnswersOnAllOfItsWorkers) {
  serve({.workers = 3});

  for (int i = 0; i < 12; ++i) EXPECT_EQ(text_of(ask(post("echo", false, kClose))), "Hello there!");
}

TEST_F(Simulate, SpeaksTlsWithACertificateOfItsOwn) {
  const net::PemFolder folder;
  serve({.tls_self_signed = true, .ca_out = folder.file("ca.pem")});
  net::Loop loop;
  const auto trust = net::TlsClientContext::load({.ca = folder.file("ca.pem")});
  ASSERT_TRUE(trust);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(::connect(fd, server_->address().data(), server_->address().size()), 0);
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  const auto client = net::make_tls_client_transport(net::make_tcp_transport(loop, fd), *trust,
                                                     "localhost", "localhost:1");

  EXPECT_EQ(net::run(loop, net::shake_hands(*client, net::soon(loop))), net::IoStatus::Ok);
}

TEST_F(Simulate, SaysWhyItCannotSpeakTls) {
  const auto no_file =
      SimulatorServer::open({.tls_certificate = "/nowhere/c.pem", .tls_key = "/nowhere/k.pem"});
  ASSERT_FALSE(no_file);
  EXPECT_THAT(no_file.error()->message, HasSubstr("/nowhere/c.pem"));
  const auto no_place = SimulatorServer::open({.tls_self_signed = true, .ca_out = "/nowhere/ca"});
  ASSERT_FALSE(no_place);
  EXPECT_THAT(no_place.error()->message, HasSubstr("/nowhere/ca"));
}

TEST(SimulateCommand, FailsWhereItCannotListen) {
  std::ostringstream out;
  std::ostringstream err;

  EXPECT_EQ(simulate({.host = "no address"}, out, err), 1);

  EXPECT_EQ(out.str(), "");
  EXPECT_THAT(err.str(), StartsWith("sluice simulate: "));
}

TEST(SimulateCommand, SaysWhereItListensAndEndsWellOnASignal) {
  for (const int end : {SIGTERM, SIGINT}) {
    // Sent beforehand: it waits, blocked, until the command takes it.
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, end);
    ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    ::pthread_kill(::pthread_self(), end);
    std::ostringstream out;
    std::ostringstream err;

    EXPECT_EQ(simulate({}, out, err), 0);

    EXPECT_THAT(out.str(), ::testing::MatchesRegex("listening on 127\\.0\\.0\\.1:[0-9]+\n"));
    ::pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
  }
}

}  // namespace
}  // namespace sluice::cli
