#include "base/log_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

namespace sluice::log {
namespace {

constexpr std::string_view kFilePrefix = "file:";
constexpr int kRoomyPipe = 1 << 20;  // What Linux gives anybody who asks.

// How to write without waiting.
enum class Manner {
  Plain,      // A regular file, or our own non-blocking description.
  Socket,     // Told per call.
  OnePageful  // A description shared with others, whose flags are not ours to change.
};

Failure cannot_open(std::string_view target) {
  const int reason = errno;
  return fail(ErrorKind::Internal, "log_target",
              "cannot log to " + std::string(target) + ": " + std::strerror(reason))
      .error();
}

}  // namespace

class Sink::Descriptor {
 public:
  Descriptor(int number, Manner manner) : number_(number), manner_(manner) {
    ::fcntl(number_, F_SETPIPE_SZ, kRoomyPipe);  // Fails for what is no pipe, and no harm done.
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(number_); }

  static std::shared_ptr<Descriptor> of_file(const std::string& path) {
    const int number = ::open(
        path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640);
    if (number < 0) return nullptr;
    return std::make_shared<Descriptor>(number, Manner::Plain);
  }

  // stdout and stderr belong to others too: setting O_NONBLOCK on them would change it for the
  // shell and for every process that inherited them. Pipes and terminals can be opened once more
  // instead.
  static std::shared_ptr<Descriptor> of_standard(int standard) {
    struct stat status{};
    if (::fstat(standard, &status) != 0) return nullptr;
    auto manner = S_ISSOCK(status.st_mode) ? Manner::Socket : Manner::Plain;
    if (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode)) {
      const auto path = "/proc/self/fd/" + std::to_string(standard);
      const int own = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
      if (own >= 0) return std::make_shared<Descriptor>(own, Manner::Plain);
      manner = Manner::OnePageful;
    }
    const int copy = ::fcntl(standard, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) return nullptr;
    return std::make_shared<Descriptor>(copy, manner);
  }

  // Bytes taken; 0 when none can be now.
  std::size_t write(std::string_view bytes) {
    std::size_t taken = 0;
    while (taken < bytes.size()) {
      const auto written = write_some(bytes.substr(taken));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) break;
      taken += static_cast<std::size_t>(written);
    }
    return taken;
  }

  bool has_room(int milliseconds) const {
    pollfd question{.fd = number_, .events = POLLOUT, .revents = 0};
    return ::poll(&question, 1, milliseconds) == 1 && (question.revents & POLLOUT) != 0;
  }

 private:
  ssize_t write_some(std::string_view bytes) {
    if (manner_ == Manner::Socket) {
      return ::send(number_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    if (manner_ == Manner::OnePageful) {
      // A pipe that is ready to write takes PIPE_BUF bytes at once.
      if (!has_room(0)) return 0;
      bytes = bytes.substr(0, PIPE_BUF);
    }
    return ::write(number_, bytes.data(), bytes.size());
  }

  const int number_;
  const Manner manner_;
};

Sink::Sink() : target_("stderr"), descriptor_(Descriptor::of_standard(STDERR_FILENO)) {}

Sink::~Sink() = default;

Result<> Sink::open(std::string_view target) {
  std::shared_ptr<Descriptor> opened;
  if (target == "stderr") {
    opened = Descriptor::of_standard(STDERR_FILENO);
  } else if (target == "stdout") {
    opened = Descriptor::of_standard(STDOUT_FILENO);
  } else if (target.starts_with(kFilePrefix)) {
    opened = Descriptor::of_file(std::string(target.substr(kFilePrefix.size())));
  } else {
    errno = EINVAL;
  }
  if (!opened) return std::unexpected(cannot_open(target));

  const std::lock_guard lock(guard_);
  descriptor_ = std::move(opened);
  target_ = target;
  rest_.clear();
  return {};
}

Result<> Sink::reopen() {
  std::string target;
  {
    const std::lock_guard lock(guard_);
    target = target_;
  }
  if (!target.starts_with(kFilePrefix)) return {};
  return open(target);
}

std::size_t Sink::write(std::string_view lines) {
  const std::lock_guard lock(guard_);
  if (!descriptor_) return lines.size();  // Started without a stderr: nobody wants to know.
  if (!rest_.empty()) {
    rest_.erase(0, descriptor_->write(rest_));
    if (!rest_.empty()) return 0;
  }
  const auto taken = descriptor_->write(lines);
  if (taken == 0 || taken == lines.size() || lines[taken - 1] == '\n') return taken;
  const auto line_end = std::min(lines.find('\n', taken), lines.size() - 1) + 1;
  rest_ = lines.substr(taken, line_end - taken);
  return line_end;
}

void Sink::wait(std::chrono::milliseconds at_most) {
  std::shared_ptr<Descriptor> descriptor;
  {
    const std::lock_guard lock(guard_);
    descriptor = descriptor_;
  }
  if (descriptor) descriptor->has_room(static_cast<int>(at_most.count()));
}

}  // namespace sluice::log
