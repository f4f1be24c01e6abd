#include "net/listener.h"

#include "base/log.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

namespace sluice::net {
namespace {

constexpr int kBacklog = 4096;  // The system may cut it down.
constexpr mode_t kUnixMode = 0660;
constexpr Duration kPause = std::chrono::milliseconds(50);

std::unexpected<Failure> refuse(const SocketAddress& address, const char* what, int error) {
  return fail(ApiError{.kind = ErrorKind::InvalidRequest,
                       .code = "invalid_request",
                       .message = "cannot " + std::string(what) + " " + address.text() + ": " +
                                  std::strerror(error)});
}

int open_socket(int family) {
  return ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

void set(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof(value));
}

// Whether the path is a socket that nobody listens on: what a process that was killed leaves.
bool is_deserted(const SocketAddress& address) {
  struct stat status{};
  if (::lstat(std::string(address.path()).c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) {
    return false;
  }
  const int probe = open_socket(AF_UNIX);
  if (probe < 0) return false;
  const int outcome = ::connect(probe, address.data(), address.size());
  const bool deserted = outcome != 0 && errno == ECONNREFUSED;
  ::close(probe);
  return deserted;
}

}  // namespace

// The file of a unix socket. It is removed unless someone else has put theirs in its place.
struct ListeningSocket::File {
  std::string path;
  dev_t device = 0;
  ino_t inode = 0;

  explicit File(std::string_view where) : path(where) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) return;
    device = status.st_dev;
    inode = status.st_ino;
  }
  ~File() {
    struct stat status{};
    if (::lstat(path.c_str(), &status) == 0 && status.st_dev == device && status.st_ino == inode) {
      ::unlink(path.c_str());
    }
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
};

ListeningSocket::ListeningSocket(int fd, SocketAddress address, std::shared_ptr<const File> file)
    : fd_(fd), address_(address), file_(std::move(file)) {}

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), address_(other.address_), file_(std::move(other.file_)) {}

ListeningSocket& ListeningSocket::operator=(ListeningSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(address_, other.address_);
  std::swap(file_, other.file_);
  return *this;
}

ListeningSocket::~ListeningSocket() {
  if (fd_ >= 0) ::close(fd_);
}

namespace {

struct OpenSocket {
  int fd;
  explicit OpenSocket(int family) : fd(open_socket(family)) {}
  ~OpenSocket() {
    if (fd >= 0) ::close(fd);
  }
  OpenSocket(const OpenSocket&) = delete;
  OpenSocket& operator=(const OpenSocket&) = delete;
  int release() { return std::exchange(fd, -1); }
};

// A port that several workers share may be shared by another process, too; one worker's is its own.
enum class Port : bool { Own, Shared };

Result<ListeningSocket> open_tcp(const SocketAddress& address, Port port) {
  OpenSocket socket(address.family());
  if (socket.fd < 0) return refuse(address, "open a socket for", errno);
  set(socket.fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (port == Port::Shared) set(socket.fd, SOL_SOCKET, SO_REUSEPORT, 1);
  set(socket.fd, IPPROTO_TCP, TCP_NODELAY, 1);  // What is accepted inherits it.
  if (address.family() == AF_INET6) set(socket.fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (::bind(socket.fd, address.data(), address.size()) != 0 ||
      ::listen(socket.fd, kBacklog) != 0) {
    return refuse(address, "listen on", errno);
  }
  const SocketAddress bound = SocketAddress::bound_to(socket.fd);
  return ListeningSocket(socket.release(), bound, nullptr);
}

Result<std::vector<ListeningSocket>> open_unix(const SocketAddress& address, std::size_t workers) {
  OpenSocket socket(AF_UNIX);
  if (socket.fd < 0) return refuse(address, "open a socket for", errno);
  if (is_deserted(address)) ::unlink(std::string(address.path()).c_str());
  if (::bind(socket.fd, address.data(), address.size()) != 0) {
    return refuse(address, "listen on", errno);
  }
  const auto file = std::make_shared<const ListeningSocket::File>(address.path());
  // The mode comes before the ear: nobody gets in between.
  if (::chmod(file->path.c_str(), kUnixMode) != 0 || ::listen(socket.fd, kBacklog) != 0) {
    return refuse(address, "listen on", errno);
  }
  std::vector<ListeningSocket> sockets;
  while (sockets.size() < workers) {
    const bool last = sockets.size() + 1 == workers;
    const int fd = last ? socket.release() : ::fcntl(socket.fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) return refuse(address, "open a socket for", errno);
    sockets.emplace_back(fd, address, file);
  }
  return sockets;
}

// One connection that cannot be served must not end the listening.
void welcome(Listener::OnAccept& on_accept, int fd, const SocketAddress& peer) {
  try {
    on_accept(fd, peer);
  } catch (const std::exception& exception) {
    log::error("listener", "a connection could not be served", {{"what", exception.what()}});
  }
}

int open_reserve() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

}  // namespace

Result<std::vector<ListeningSocket>> open_listening_sockets(const SocketAddress& address,
                                                            std::size_t workers) {
  if (address.is_unix()) return open_unix(address, workers);
  const Port port = workers > 1 ? Port::Shared : Port::Own;
  std::vector<ListeningSocket> sockets;
  while (sockets.size() < workers) {
    TRY(ListeningSocket socket,
        open_tcp(sockets.empty() ? address : sockets.front().address(), port));
    sockets.push_back(std::move(socket));
  }
  return sockets;
}

struct Listener::Socket {
  Descriptor descriptor;
  std::shared_ptr<const ListeningSocket::File> file;

  Socket(Loop& loop, int fd, std::shared_ptr<const ListeningSocket::File> its_file)
      : descriptor(loop, fd), file(std::move(its_file)) {}
  ~Socket() {
    if (file) descriptor.unwatch();  // Other workers have copies.
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
};

Listener::Listener(Loop& loop, ListeningSocket socket)
    : loop_(loop),
      address_(socket.address_),
      socket_(
          std::make_unique<Socket>(loop, std::exchange(socket.fd_, -1), std::move(socket.file_))),
      interruption_(loop),
      reserve_(open_reserve()) {}

Listener::~Listener() {
  if (reserve_ >= 0) ::close(reserve_);
}

Task<void> Listener::accept_loop(OnAccept on_accept) {
  if (!stopped_) co_await interruption_.run(accept_all(on_accept));
  socket_.reset();
}

void Listener::stop() {
  stopped_ = true;
  interruption_.interrupt(Interrupt::Shutdown);
}

Task<void> Listener::accept_all(OnAccept& on_accept) {
  while (!stopped_) {
    sockaddr_storage from;
    socklen_t size = sizeof(from);
    const int fd = ::accept4(socket_->descriptor.fd(), reinterpret_cast<sockaddr*>(&from), &size,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      welcome(on_accept, fd, SocketAddress(reinterpret_cast<const sockaddr*>(&from), size));
    } else if (errno == EAGAIN) {
      socket_->descriptor.drained_read();
      co_await socket_->descriptor.readable(kNever);
    } else if (errno == EMFILE || errno == ENFILE) {
      co_await turn_one_away();
    } else if (errno == ENOBUFS || errno == ENOMEM) {
      co_await loop_.sleep_until(loop_.now() + kPause);
    }
    // Else: the peer left while it waited.
  }
}

// Without a descriptor we could not even hang up, and the peer would wait for us in the queue.
Task<void> Listener::turn_one_away() {
  log::warn("listener", "no file descriptors are left; a connection was turned away",
            {{"address", address_.text()}});
  if (reserve_ >= 0) ::close(reserve_);
  const int fd = ::accept4(socket_->descriptor.fd(), nullptr, nullptr, SOCK_CLOEXEC);
  if (fd >= 0) ::close(fd);
  reserve_ = open_reserve();
  co_await loop_.sleep_until(loop_.now() + kPause);
}

}  // namespace sluice::net
