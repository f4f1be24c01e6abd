// A client that blocks, for servers that run on threads of their own.
#pragma once

#include "net/address.h"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

namespace sluice {

class LoopbackClient {
 public:
  explicit LoopbackClient(const net::SocketAddress& server)
      : fd_(::socket(server.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    connected_ = ::connect(fd_, server.data(), server.size()) == 0;
  }
  ~LoopbackClient() { ::close(fd_); }
  LoopbackClient(const LoopbackClient&) = delete;
  LoopbackClient& operator=(const LoopbackClient&) = delete;

  bool connected() const { return connected_; }

  void send(std::string_view bytes) {
    ASSERT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  // Reads on until all that came so far holds `text`.
  bool read_until(std::string_view text) {
    while (!read_.contains(text)) {
      if (!read_some()) return false;
    }
    return true;
  }
  const std::string& read_to_end() {
    while (read_some()) {
    }
    return read_;
  }
  const std::string& read() const { return read_; }
  // How the reading ended: 0 for a proper end, else errno.
  int end() const { return end_; }

 private:
  bool read_some() {
    std::array<char, 16384> bytes;
    const ssize_t got = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (got > 0) {
      read_.append(bytes.data(), static_cast<std::size_t>(got));
      return true;
    }
    end_ = got == 0 ? 0 : errno;
    return false;
  }

  int fd_;
  bool connected_ = false;
  std::string read_;
  int end_ = 0;
};

}  // namespace sluice
