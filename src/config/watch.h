// Sees that one of a few files became another.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sluice::config {

// The kernel tells that something happened in a file's folder, so that files that are renamed over
// it and folders of links that are swapped (Kubernetes' ..data) are seen; a look at the file itself
// then tells whether it was meant. For one thread.
class FileWatch {
 public:
  explicit FileWatch(const std::vector<std::string>& files);
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;
  ~FileWatch();

  // Readable when changed() is worth asking; -1 where the kernel has no watch left: then ask now
  // and then.
  int fd() const { return descriptor_; }
  // Has one of the files changed since the last call (the first time: since the watch began)? Does
  // not wait.
  bool changed();
  // From now on these files. What changes in between is still seen by the next changed().
  void replace(const std::vector<std::string>& files);

 private:
  // What tells one state of a file from the next.
  struct State {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = -1;  // -1: not there.
    std::int64_t modified = 0;
    std::int64_t attributes = 0;

    bool operator==(const State&) const = default;
  };

  static State look(const std::string& path);
  void watch_folders();
  void drain();

  int descriptor_;
  std::map<std::string, State> files_;
};

}  // namespace sluice::config
