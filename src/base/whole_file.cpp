#include "base/whole_file.h"

#include "base/owned_descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace sluice::base {
namespace {

std::unexpected<std::string> failure(const std::string& path) {
  return std::unexpected(path + ": " + std::strerror(errno));
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

std::expected<std::optional<std::string>, std::string> read_whole(const std::string& path) {
  // Whatever lies there, even a pipe, does not block.
  const OwnedDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file && errno == ENOENT) return std::nullopt;
  if (!file) return failure(path);
  struct stat about{};
  if (::fstat(file.number(), &about) != 0) return failure(path);
  if (!S_ISREG(about.st_mode)) return std::unexpected(path + ": is no file");
  constexpr off_t kLargest = off_t{256} << 20U;
  if (about.st_size > kLargest) return std::unexpected(path + ": is too large");
  std::string text(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t got = ::read(file.number(), text.data() + have, text.size() - have);
    if (got < 0 && errno != EINTR) return failure(path);
    if (got == 0) break;
    if (got > 0) have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

std::expected<void, std::string> write_whole(const std::string& path, std::string_view text) {
  std::string beside = path + ".XXXXXX";
  OwnedDescriptor file(::mkostemp(beside.data(), O_CLOEXEC));  // Of mode 0600.
  if (!file) return failure(beside);
  const bool written = write_all(file.number(), text) && ::fsync(file.number()) == 0 &&
                       file.close() && std::rename(beside.c_str(), path.c_str()) == 0;
  if (!written) {
    auto failed = failure(path);
    ::unlink(beside.c_str());
    return failed;
  }
  // The name lasts once the folder is written too.
  const OwnedDescriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (!folder || ::fsync(folder.number()) != 0) return failure(path);
  return {};
}

}  // namespace sluice::base
