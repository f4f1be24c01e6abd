#include "net/proxy_protocol.h"

#include "unit/net/drive.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace sluice::net {
namespace {

using State = ProxyHeader::State;
using std::string_literals::operator""s;

std::string binary(char command, char family, const std::string& body) {
  std::string header = "\r\n\r\n\0\r\nQUIT\n"s;
  header += command;
  header += family;
  header += static_cast<char>(body.size() >> 8);
  header += static_cast<char>(body.size() & 0xff);
  return header + body;
}

const std::string kV4 = "\xc0\x00\x02\x01\xc6\x33\x64\x01\xc8\x22\x01\xbb"s;
const std::string kV6 = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x07" +
                        std::string(15, '\0') + "\x01" + "\x00\x50\x01\xbb"s;

std::string source(std::string_view bytes) {
  const ProxyHeader header = parse_proxy_header(bytes);
  if (header.state == State::Malformed) return "malformed";
  if (header.state == State::Incomplete) return "incomplete";
  EXPECT_EQ(header.size, bytes.size());
  return header.source ? header.source->text() : "none";
}

TEST(ProxyProtocol, ReadsLines) {
  EXPECT_EQ(source("PROXY TCP4 192.0.2.1 198.51.100.1 51234 443\r\n"), "192.0.2.1:51234");
  EXPECT_EQ(source("PROXY TCP6 2001:db8::7 ::1 80 0\r\n"), "[2001:db8::7]:80");
  EXPECT_EQ(source("PROXY UNKNOWN\r\n"), "none");
  EXPECT_EQ(source("PROXY UNKNOWN ffff::1 what ever\r\n"), "none");
}

TEST(ProxyProtocol, RefusesLinesInDoubt) {
  for (const std::string& line :
       {"GET / HTTP/1.1\r\n"s, "PROXY\r\n"s, "proxy UNKNOWN\r\n"s,
        "PROXY TCP5 1.2.3.4 1.2.3.4 1 1\r\n"s, "PROXY UNKNOWNX\r\n"s,
        "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n"s, "PROXY TCP4 1.2.3.4 1.2.3.4 1 1 1\r\n"s,
        "PROXY TCP4  1.2.3.4 1.2.3.4 1 1\r\n"s, "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n"s,
        "PROXY TCP4 1.2.3.4 1.2.3.4 01 1\r\n"s, "PROXY TCP4 1.2.3.4 1.2.3.4 -1 1\r\n"s,
        "PROXY TCP4 ::1 ::1 1 1\r\n"s, "PROXY TCP4 ::ffff:1.2.3.4 ::ffff:1.2.3.4 1 1\r\n"s,
        "PROXY TCP6 1.2.3.4 1.2.3.4 1 1\r\n"s, "PROXY TCP4 1.2.3 1.2.3.4 1 1\r\n"s,
        "PROXY UNKNOWN\n"s, "PROXY UNKNOWN\rx"s, "PROXY UNKNOWN \0\r\n"s}) {
    EXPECT_EQ(source(line), "malformed") << line;
  }
}

TEST(ProxyProtocol, BoundsTheLine) {
  const std::string start = "PROXY UNKNOWN ";
  const std::string longest = start + std::string(107 - start.size() - 2, 'x') + "\r\n";
  EXPECT_EQ(source(longest), "none");
  EXPECT_EQ(source(start + "x" + longest.substr(start.size())), "malformed");
  EXPECT_EQ(source(start + std::string(200, 'x')), "malformed");
  EXPECT_EQ(source(start + std::string(80, 'x')), "incomplete");
}

TEST(ProxyProtocol, ReadsBinaryHeaders) {
  EXPECT_EQ(source(binary(0x21, 0x11, kV4)), "192.0.2.1:51234");
  EXPECT_EQ(source(binary(0x21, 0x11, kV4 + "\x04\x00\x02hi"s + "\x20\x00\x00"s)),
            "192.0.2.1:51234");
  EXPECT_EQ(source(binary(0x21, 0x21, kV6)), "[2001:db8::7]:80");
  EXPECT_EQ(source(binary(0x20, 0x00, "")), "none");
  EXPECT_EQ(source(binary(0x20, 0x11, "whatever")), "none");
  EXPECT_EQ(source(binary(0x21, 0x00, "whatever")), "none");
  EXPECT_EQ(source(binary(0x21, 0x12, kV4)), "none");
  EXPECT_EQ(source(binary(0x21, 0x31, std::string(216, 'p'))), "none");
  EXPECT_EQ(source(binary(0x20, 0x00, std::string(520, 'x'))), "none");
}

TEST(ProxyProtocol, RefusesBinaryHeadersInDoubt) {
  EXPECT_EQ(source(binary(0x11, 0x11, kV4)), "malformed");
  EXPECT_EQ(source(binary(0x22, 0x11, kV4)), "malformed");
  EXPECT_EQ(source(binary(0x21, 0x13, kV4)), "malformed");
  EXPECT_EQ(source(binary(0x21, 0x41, kV4)), "malformed");
  EXPECT_EQ(source(binary(0x21, 0x21, kV4)), "malformed");
  EXPECT_EQ(source(binary(0x21, 0x11, kV4.substr(1))), "malformed");
  EXPECT_EQ(source(binary(0x21, 0x11, kV4 + "\x04\x00"s)), "malformed");
  EXPECT_EQ(source(binary(0x21, 0x11, kV4 + "\x04\x00\x03hi"s)), "malformed");
  EXPECT_EQ(source(binary(0x20, 0x00, std::string(521, 'x'))), "malformed");
  EXPECT_EQ(source("\r\n\r\n\0\r\nQUIX"s), "malformed");
}

TEST(ProxyProtocol, WaitsForAllOfIt) {
  for (const std::string& whole : {"PROXY TCP4 192.0.2.1 198.51.100.1 51234 443\r\n"s,
                                   binary(0x21, 0x11, kV4 + "\x04\x00\x02hi"s)}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_EQ(source(whole.substr(0, size)), "incomplete") << size;
    }
    EXPECT_EQ(parse_proxy_header(whole + "GET /").size, whole.size());
  }
}

struct Pair {
  int ours = -1;
  int theirs = -1;
  Pair() {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0) return;
    ours = fds[0];
    theirs = fds[1];
  }
  ~Pair() { ::close(theirs); }
  void say(std::string_view text) const {
    EXPECT_EQ(::send(theirs, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
};

TEST(ProxyProtocol, IsTakenOffAConnectionAndNothingElse) {
  Loop loop;
  Pair pair;
  Descriptor descriptor(loop, pair.ours);
  std::optional<ProxyHeader> header;
  loop.spawn(store(read_proxy_header(descriptor, soon(loop)), header));

  for (const char byte : binary(0x21, 0x11, kV4)) {
    EXPECT_FALSE(header);
    pair.say({&byte, 1});
    turn(loop);
  }
  pair.say("\x16\x03\x01");
  turn_until(loop, [&] { return header.has_value(); });

  EXPECT_EQ(header->source->text(), "192.0.2.1:51234");
  char rest[16];
  EXPECT_EQ(::recv(pair.ours, rest, sizeof(rest), 0), 3);
}

TEST(ProxyProtocol, IsMalformedWhenCutOff) {
  Loop loop;
  Pair pair;
  Descriptor descriptor(loop, pair.ours);
  pair.say("PROXY TCP4 192.0");
  ::shutdown(pair.theirs, SHUT_WR);
  EXPECT_EQ(run(loop, read_proxy_header(descriptor, soon(loop))).state, State::Malformed);
}

TEST(ProxyProtocol, IsMalformedWhenLate) {
  Loop loop;
  Pair pair;
  Descriptor descriptor(loop, pair.ours);
  pair.say("PROXY TCP4 192.0");
  EXPECT_EQ(run(loop, read_proxy_header(descriptor, loop.now())).state, State::Malformed);
}

}  // namespace
}  // namespace sluice::net
