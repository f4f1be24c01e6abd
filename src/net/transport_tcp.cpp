#include "net/transport.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace sluice::net {
namespace {

constexpr std::size_t kGather = 64;  // Pieces in one system call.
constexpr std::size_t kFlattened = 4 * 1024;

bool join(std::span<const std::string_view> pieces, std::span<char> into,
          std::string_view& joined) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) {
    if (piece.empty()) continue;
    if (piece.size() > into.size() - size) return false;
    std::memcpy(into.data() + size, piece.data(), piece.size());
    size += piece.size();
  }
  joined = {into.data(), size};
  return true;
}

// The C library makes these calls points where a thread may be cancelled, at two atomic operations
// each. We cancel no threads.
ssize_t receive(int fd, void* into, std::size_t size) {
  return ::syscall(SYS_recvfrom, fd, into, size, 0, nullptr, nullptr);
}
ssize_t send_one(int fd, std::string_view piece) {
  return ::syscall(SYS_sendto, fd, piece.data(), piece.size(), MSG_NOSIGNAL, nullptr, 0);
}
ssize_t send_many(int fd, const msghdr& message) {
  return ::syscall(SYS_sendmsg, fd, &message, MSG_NOSIGNAL);
}

class TcpTransport final : public Transport {
 public:
  TcpTransport(Loop& loop, int fd) : descriptor_(loop, fd) {}

  IoResult handshake() override { return {}; }

  IoResult read(std::span<char> into) override {
    if (!descriptor_.can_read()) return {IoResult::Status::WantRead, 0};
    for (;;) {
      const ssize_t count = receive(descriptor_.fd(), into.data(), into.size());
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
    // A few small pieces are cheaper to copy together than to have gathered by the kernel.
    std::array<char, kFlattened> flat;
    std::string_view joined;
    if (pieces.size() > 1 && join(pieces, flat, joined)) pieces = {&joined, 1};
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
      const ssize_t taken =
          count == 1 ? send_one(descriptor_.fd(), pieces[0]) : send_many(descriptor_.fd(), message);
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
