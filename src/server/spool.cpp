#include "server/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace sluice::server {
namespace {

constexpr std::size_t kBlock = std::size_t{64} * 1024;

int open_without_name(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file >= 0) return file;
  // A file system that cannot: for a moment the file has a name.
  std::string name = folder + "/sluice-XXXXXX";
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

std::unexpected<Failure> trouble(std::string_view what) {
  return fail(
      ApiError{.code = "internal_error",
               .message = "The request body could not be set aside.",
               .detail = std::string(what) + ": " + std::generic_category().message(errno)});
}

}  // namespace

std::string temporary_folder() {
  const char* folder = std::getenv("TMPDIR");
  return folder && *folder == '/' ? folder : "/tmp";
}

void Spool::release() noexcept {
  head_.release();
  block_.release();
  if (file_ >= 0) ::close(file_);
  file_ = -1;
  in_file_ = 0;
}

Result<void> Spool::append(std::string_view bytes) {
  if (in_file_ == 0) {
    const std::string_view kept = bytes.substr(0, memory_ - in_memory());
    head_.append(kept);
    bytes.remove_prefix(kept.size());
  }
  if (bytes.empty()) return {};
  if (file_ < 0) file_ = open_without_name(folder_);
  if (file_ < 0) return trouble("open a temporary file");
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(in_file_));
    if (written < 0) {
      if (errno == EINTR) continue;
      return trouble("write to a temporary file");
    }
    in_file_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::string_view> Spool::read(std::uint64_t from, std::uint64_t to) {
  if (from < in_memory()) return head_.filled().substr(from, to - from);
  block_.release();
  block_.hold(kBlock);
  const std::size_t wanted = std::min<std::uint64_t>(to - from, kBlock);
  for (;;) {
    const ssize_t count =
        ::pread(file_, block_.space().data(), wanted, static_cast<off_t>(from - in_memory()));
    if (count > 0) {
      block_.added(static_cast<std::size_t>(count));
      return block_.filled();
    }
    if (count == 0) errno = EIO;
    if (count == 0 || errno != EINTR) return trouble("read a temporary file");
  }
}

}  // namespace sluice::server
