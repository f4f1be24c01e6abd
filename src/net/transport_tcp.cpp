#include "net/transport.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sluice::net {
namespace {

constexpr std::size_t kGather = 64;  // Pieces in one system call.

class TcpTransport final : public Transport {
 public:
  TcpTransport(Loop& loop, int fd) : descriptor_(loop, fd) {}

  IoResult handshake() override { return {}; }

  IoResult read(std::span<char> into) override {
    if (!descriptor_.can_read()) return {IoResult::Status::WantRead, 0};
    for (;;) {
      const ssize_t count = ::recv(descriptor_.fd(), into.data(), into.size(), 0);
      if (count > 0) {
        const auto bytes = static_cast<std::size_t>(count);
        if (bytes < into.size()) descriptor_.drained_read();
        return {IoResult::Status::Done, bytes};
      }
      if (count == 0) return {IoResult::Status::End, 0};
      if (errno == EAGAIN) {
        descriptor_.drained_read();
        return {IoResult::Status::WantRead, 0};
      }
      if (errno != EINTR) return {IoResult::Status::Failed, 0};
    }
  }

  IoResult write(std::span<const std::string_view> pieces) override {
    std::size_t written = 0;
    while (!pieces.empty()) {
      std::array<iovec, kGather> gather;
      const std::size_t count = std::min(pieces.size(), kGather);
      std::size_t wanted = 0;
      for (std::size_t i = 0; i < count; ++i) {
        gather[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
        wanted += pieces[i].size();
      }
      msghdr message{};
      message.msg_iov = gather.data();
      message.msg_iovlen = count;
      const ssize_t taken = ::sendmsg(descriptor_.fd(), &message, MSG_NOSIGNAL);
      if (taken < 0) {
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return {IoResult::Status::Failed, written};
        descriptor_.drained_write();
        return {IoResult::Status::WantWrite, written};
      }
      written += static_cast<std::size_t>(taken);
      if (static_cast<std::size_t>(taken) < wanted) {
        descriptor_.drained_write();
        return {IoResult::Status::WantWrite, written};
      }
      pieces = pieces.subspan(count);
    }
    return {IoResult::Status::Done, written};
  }

  void finish() override { ::shutdown(descriptor_.fd(), SHUT_WR); }

  Descriptor& descriptor() override { return descriptor_; }

 private:
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Transport> make_tcp_transport(Loop& loop, int fd) {
  return std::make_unique<TcpTransport>(loop, fd);
}

}  // namespace sluice::net
