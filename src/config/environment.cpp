#include "config/environment.h"

#include "base/owned_descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace sluice::config {
namespace {

std::unexpected<Failure> cannot_read(const std::string& why) {
  return fail(ErrorKind::NotFound, "not_found", "cannot read it: " + why);
}

std::string errno_words() {
  return std::generic_category().message(errno);
}

}  // namespace

std::optional<std::string> ProcessEnvironment::variable(const std::string& name) const {
  const char* value = std::getenv(name.c_str());
  if (!value) return std::nullopt;
  return std::string(value);
}

Result<std::string> ProcessEnvironment::file(const std::string& path) const {
  const base::OwnedDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.number() < 0) return cannot_read(errno_words());
  struct stat status{};
  if (::fstat(descriptor.number(), &status) != 0) return cannot_read(errno_words());
  if (S_ISDIR(status.st_mode)) return cannot_read("it is a folder");

  std::string content;
  const auto known_size = static_cast<std::size_t>(status.st_size > 0 ? status.st_size : 0);
  std::size_t size = 0;
  // One byte more than expected, so that the end is seen in the same call.
  content.resize(std::min(known_size, kMaxFileBytes) + 1);
  while (true) {
    const auto got = ::read(descriptor.number(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(errno_words());
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > kMaxFileBytes) return cannot_read("it is larger than 4MiB");
    if (size == content.size()) content.resize(std::min(size * 2, kMaxFileBytes + 1));
  }
  content.resize(size);
  return content;
}

Result<std::vector<std::string>> ProcessEnvironment::folder(const std::string& path) const {
  std::error_code error;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    paths.push_back(entry.path().string());
  }
  if (error) return cannot_read(error.message());
  std::ranges::sort(paths);
  return paths;
}

}  // namespace sluice::config
