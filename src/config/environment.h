// Where ${NAME} and ${file:PATH} are read from; it comes in by argument.
#pragma once

#include "sluice/error.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sluice::config {

class Environment {
 public:
  virtual ~Environment() = default;
  virtual std::optional<std::string> variable(const std::string& name) const = 0;
  // The whole file.
  virtual Result<std::string> file(const std::string& path) const = 0;
  // The paths of what a folder holds, sorted.
  virtual Result<std::vector<std::string>> folder(const std::string& path) const = 0;
};

inline constexpr std::size_t kMaxFileBytes = 4 * 1024 * 1024;

// That of this process. A file over kMaxFileBytes is refused.
class ProcessEnvironment final : public Environment {
 public:
  std::optional<std::string> variable(const std::string& name) const override;
  Result<std::string> file(const std::string& path) const override;
  Result<std::vector<std::string>> folder(const std::string& path) const override;
};

}  // namespace sluice::config
