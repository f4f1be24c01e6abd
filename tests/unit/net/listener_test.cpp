#include "net/listener.h"

#include "unit/net/drive.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

namespace sluice::net {
namespace {

const SocketAddress kAnyPort(*parse_ip("127.0.0.1"), 0);

class Client {
 public:
  explicit Client(const SocketAddress& to)
      : fd_(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    connected_ = ::connect(fd_, to.data(), to.size()) == 0;
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  bool connected() const { return connected_; }
  int fd() const { return fd_; }

 private:
  int fd_;
  bool connected_ = false;
};

struct Accepted {
  std::vector<int> fds;
  std::vector<SocketAddress> peers;
  ~Accepted() {
    for (const int fd : fds) ::close(fd);
  }
  Listener::OnAccept taker() {
    return [this](int fd, const SocketAddress& peer) {
      fds.push_back(fd);
      peers.push_back(peer);
    };
  }
};

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "sluice-listener-XXXXXX";
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  SocketAddress socket() const { return *SocketAddress::unix_path((path / "s").string()); }
};

TEST(Listener, AcceptsOnAPortThatTheSystemChose) {
  Loop loop;
  Accepted accepted;
  Listener listener(loop, std::move(open_listening_sockets(kAnyPort, 1)->front()));
  ASSERT_NE(listener.address().port(), 0);
  loop.spawn(listener.accept_loop(accepted.taker()));

  Client client(listener.address());
  turn_until(loop, [&] { return accepted.fds.size() == 1; });

  EXPECT_TRUE(client.connected());
  EXPECT_EQ(accepted.peers.front(), SocketAddress::bound_to(client.fd()));
  int no_delay = 0;
  socklen_t size = sizeof(no_delay);
  ::getsockopt(accepted.fds.front(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
  EXPECT_NE(no_delay, 0);
  EXPECT_NE(::fcntl(accepted.fds.front(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(accepted.fds.front(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(Listener, GivesEveryWorkerASocketOnTheSamePort) {
  auto sockets = open_listening_sockets(kAnyPort, 3);
  ASSERT_TRUE(sockets);
  ASSERT_EQ(sockets->size(), 3U);
  EXPECT_NE(sockets->front().address().port(), 0);
  EXPECT_EQ(sockets->at(1).address(), sockets->front().address());
  EXPECT_EQ(sockets->at(2).address(), sockets->front().address());
}

TEST(Listener, TellsWhyItCannotListen) {
  const auto refused = open_listening_sockets(SocketAddress(*parse_ip("192.0.2.1"), 80), 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error()->message,
            "cannot listen on 192.0.2.1:80: Cannot assign requested address");
}

TEST(Listener, TakesNobodyAfterItStopped) {
  Loop loop;
  Accepted accepted;
  Listener listener(loop, std::move(open_listening_sockets(kAnyPort, 1)->front()));
  loop.spawn(listener.accept_loop(accepted.taker()));
  turn(loop);

  listener.stop();
  turn_until(loop, [&] { return loop.spawned() == 0; });

  EXPECT_FALSE(Client(listener.address()).connected());
}

TEST(Listener, MayBeStoppedByWhomItAccepts) {
  Loop loop;
  Listener listener(loop, std::move(open_listening_sockets(kAnyPort, 1)->front()));
  loop.spawn(listener.accept_loop([&](int fd, const SocketAddress&) {
    ::close(fd);
    listener.stop();
  }));
  Client client(listener.address());

  turn_until(loop, [&] { return loop.spawned() == 0; });
  EXPECT_FALSE(Client(listener.address()).connected());
}

TEST(Listener, GoesOnWhenOneConnectionCannotBeServed) {
  Loop loop;
  int calls = 0;
  Listener listener(loop, std::move(open_listening_sockets(kAnyPort, 1)->front()));
  loop.spawn(listener.accept_loop([&](int fd, const SocketAddress&) {
    ::close(fd);
    if (++calls == 1) throw std::runtime_error("no room");
  }));
  Client first(listener.address());
  Client second(listener.address());

  turn_until(loop, [&] { return calls == 2; });
  EXPECT_EQ(loop.spawned(), 1U);
}

TEST(Listener, SharesOneUnixSocketAmongWorkers) {
  Folder folder;
  Loop loop;
  Accepted accepted;
  auto sockets = open_listening_sockets(folder.socket(), 2);
  ASSERT_TRUE(sockets);
  Listener first(loop, std::move(sockets->at(0)));
  Listener second(loop, std::move(sockets->at(1)));
  sockets->clear();
  loop.spawn(first.accept_loop(accepted.taker()));
  loop.spawn(second.accept_loop(accepted.taker()));

  Client client(folder.socket());
  turn_until(loop, [&] { return accepted.fds.size() == 1; });
  first.stop();
  turn(loop);
  Client late(folder.socket());
  turn_until(loop, [&] { return accepted.fds.size() == 2; });

  struct stat status{};
  ::stat(std::string(folder.socket().path()).c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777U, 0660U);
  second.stop();
  turn_until(loop, [&] { return loop.spawned() == 0; });
  EXPECT_FALSE(std::filesystem::exists(folder.socket().path()));
}

TEST(Listener, TakesOverAUnixSocketThatNobodyListensOn) {
  Folder folder;
  const int left_over = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const SocketAddress address = folder.socket();
  ASSERT_EQ(::bind(left_over, address.data(), address.size()), 0);
  ::close(left_over);

  EXPECT_TRUE(open_listening_sockets(address, 1));
}

TEST(Listener, LeavesAUnixSocketThatIsInUse) {
  Folder folder;
  const auto mine = open_listening_sockets(folder.socket(), 1);
  ASSERT_TRUE(mine);

  EXPECT_FALSE(open_listening_sockets(folder.socket(), 1));
  EXPECT_TRUE(Client(folder.socket()).connected());
}

TEST(Listener, DoesNotReplaceAFileThatIsNoSocket) {
  Folder folder;
  const int file = ::open(std::string(folder.socket().path()).c_str(), O_CREAT | O_WRONLY, 0600);
  ::close(file);

  EXPECT_FALSE(open_listening_sockets(folder.socket(), 1));
  EXPECT_TRUE(std::filesystem::exists(folder.socket().path()));
}

// Takes every descriptor there is.
class Famine {
 public:
  Famine() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(0);
    ::close(next);
    rlimit tight = before_;
    tight.rlim_cur = static_cast<rlim_t>(next);
    ::setrlimit(RLIMIT_NOFILE, &tight);
  }
  ~Famine() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  Famine(const Famine&) = delete;
  Famine& operator=(const Famine&) = delete;

 private:
  rlimit before_{};
};

TEST(Listener, TurnsPeersAwayWhenDescriptorsRunOutAndRecovers) {
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "the sanitizer itself needs descriptors, to look at memory";
#endif
  Loop loop;
  Accepted accepted;
  Listener listener(loop, std::move(open_listening_sockets(kAnyPort, 1)->front()));
  loop.spawn(listener.accept_loop(accepted.taker()));
  turn(loop);

  Client unlucky(listener.address());
  ::fcntl(unlucky.fd(), F_SETFL, O_NONBLOCK);
  {
    Famine famine;
    char byte;
    turn_until(loop, [&] { return ::recv(unlucky.fd(), &byte, 1, 0) == 0; });
  }
  EXPECT_TRUE(accepted.fds.empty());

  Client lucky(listener.address());
  turn_until(loop, [&] { return accepted.fds.size() == 1; });
}

}  // namespace
}  // namespace sluice::net
