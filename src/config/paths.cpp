#include "config/paths.h"

namespace sluice::config {

std::string folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

std::string absolute_path(std::string_view path, std::string_view folder) {
  if (path.empty() || path.front() == '/' || folder.empty() || folder == ".") {
    return std::string(path);
  }
  std::string joined(folder);
  if (!joined.ends_with('/')) joined += '/';
  joined += path;
  return joined;
}

}  // namespace sluice::config
