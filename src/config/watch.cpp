#include "config/watch.h"

#include "config/paths.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>
#include <memory>

namespace sluice::config {
namespace {

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
                                  IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

// Where the links of a path end; empty: nowhere.
std::string resolved(const std::string& path) {
  struct Free {
    void operator()(char* text) const { std::free(text); }
  };
  const std::unique_ptr<char, Free> real(::realpath(path.c_str(), nullptr));
  return real ? std::string(real.get()) : std::string();
}

}  // namespace

FileWatch::FileWatch(const std::vector<std::string>& files)
    : descriptor_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  replace(files);
}

FileWatch::~FileWatch() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void FileWatch::replace(const std::vector<std::string>& files) {
  std::map<std::string, State> next;
  for (const auto& path : files) {
    const auto known = files_.find(path);
    next.emplace(path, known == files_.end() ? look(path) : known->second);
  }
  files_ = std::move(next);
  watch_folders();
}

bool FileWatch::changed() {
  drain();
  // A folder that was swapped has lost its watch, and links may lead elsewhere now. Watched again
  // before the look, so that nothing falls between the two.
  watch_folders();
  bool found = false;
  for (auto& [path, state] : files_) {
    const State now = look(path);
    found |= now != state;
    state = now;
  }
  return found;
}

FileWatch::State FileWatch::look(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim),
          nanoseconds(status.st_ctim)};
}

void FileWatch::watch_folders() {
  if (descriptor_ < 0) return;
  for (const auto& [path, state] : files_) {
    // Adding a folder that is watched already changes nothing.
    ::inotify_add_watch(descriptor_, folder_of(path).c_str(), kEvents);
    if (const auto real = resolved(path); !real.empty()) {
      ::inotify_add_watch(descriptor_, folder_of(real).c_str(), kEvents);
    }
  }
}

void FileWatch::drain() {
  if (descriptor_ < 0) return;
  alignas(inotify_event) std::array<char, 4096> events;
  while (::read(descriptor_, events.data(), events.size()) > 0) {
  }
}

}  // namespace sluice::config
