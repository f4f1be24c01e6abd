// One connection's bytes, plain or TLS, for edge-triggered loops.
#pragma once

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace sluice::bench {

struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, SslFree>;

inline TlsContext client_tls() {
  TlsContext context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  return context;
}

enum class Outcome { Done, Blocked, Closed };
struct Moved {
  Outcome outcome;
  std::size_t bytes;
};

class Channel {
 public:
  explicit Channel(int fd) : fd_(fd) {}
  // The handshake happens within the first reads and writes.
  Channel(int fd, SSL_CTX& context, bool accepts) : fd_(fd), ssl_(SSL_new(&context)) {
    SSL_set_fd(ssl_.get(), fd);
    accepts ? SSL_set_accept_state(ssl_.get()) : SSL_set_connect_state(ssl_.get());
  }
  Channel(Channel&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), ssl_(std::move(other.ssl_)) {}
  Channel& operator=(Channel&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(ssl_, other.ssl_);
    return *this;
  }
  ~Channel() {
    ssl_.reset();
    if (fd_ >= 0) close(fd_);
  }

  int fd() const { return fd_; }

  Moved read(char* into, std::size_t size) {
    return moved(ssl_ ? SSL_read(ssl_.get(), into, static_cast<int>(size))
                      : recv(fd_, into, size, 0));
  }
  Moved write(std::string_view bytes) {
    return moved(ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                      : send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
  }
  // A short plain read has emptied the socket; TLS may hold a further record.
  bool may_hold_more(std::size_t read, std::size_t asked) const { return ssl_ || read == asked; }

 private:
  Moved moved(ssize_t count) {
    if (count > 0) return {Outcome::Done, static_cast<std::size_t>(count)};
    if (ssl_) {
      int error = SSL_get_error(ssl_.get(), static_cast<int>(count));
      bool waits = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
      return {waits ? Outcome::Blocked : Outcome::Closed, 0};
    }
    bool waits = count < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN);
    return {waits ? Outcome::Blocked : Outcome::Closed, 0};
  }

  int fd_;
  std::unique_ptr<SSL, SslFree> ssl_;
};

}  // namespace sluice::bench
