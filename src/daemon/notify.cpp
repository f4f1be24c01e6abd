#include "daemon/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>

namespace sluice::daemon {

Notifier::Notifier() {
  if (const char* path = std::getenv("NOTIFY_SOCKET")) path_ = path;
  if (const char* text = std::getenv("WATCHDOG_USEC")) {
    long long microseconds = 0;
    std::from_chars(text, text + std::strlen(text), microseconds);
    watchdog_ms_ = static_cast<int>(std::clamp<long long>(microseconds / 2000, 0, 60'000));
  }
}

void Notifier::reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto microseconds = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

void Notifier::send(std::string_view text) const {
  sockaddr_un address{};
  if (path_.empty() || path_.size() >= sizeof(address.sun_path)) return;
  address.sun_family = AF_UNIX;
  std::ranges::copy(path_, address.sun_path);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // An abstract socket.
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
  [[maybe_unused]] const auto sent = ::sendto(fd, text.data(), text.size(), MSG_NOSIGNAL,
                                              reinterpret_cast<const sockaddr*>(&address), size);
  ::close(fd);
}

}  // namespace sluice::daemon
