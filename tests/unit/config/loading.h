// Loads texts under a made-up environment.
#pragma once

#include "config/load.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

class FakeEnvironment final : public Environment {
 public:
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> files;

  std::optional<std::string> variable(const std::string& name) const override {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  }
  Result<std::string> file(const std::string& path) const override {
    const auto found = files.find(path);
    if (found == files.end()) {
      return fail(ErrorKind::NotFound, "not_found", "cannot read it: no such file");
    }
    return found->second;
  }
  Result<std::vector<std::string>> folder(const std::string& path) const override {
    std::vector<std::string> paths;
    for (const auto& [file, text] : files) {
      if (!file.starts_with(path + "/")) continue;
      auto entry = file.substr(0, file.find('/', path.size() + 1));
      if (paths.empty() || paths.back() != entry) paths.push_back(std::move(entry));
    }
    if (paths.empty())
      return fail(ErrorKind::NotFound, "not_found", "cannot read it: no such folder");
    return paths;
  }
};

inline std::vector<std::string> texts(const std::vector<Diagnostic>& diagnostics) {
  std::vector<std::string> out;
  out.reserve(diagnostics.size());
  for (const auto& each : diagnostics) out.push_back(each.text());
  return out;
}

// The errors of a text, as they are printed.
inline std::vector<std::string> errors_of(std::string_view text,
                                          const Environment& environment = FakeEnvironment(),
                                          LoadOptions options = {}) {
  const auto loaded = load_text(text, "sluice.yaml", environment, options);
  return loaded ? std::vector<std::string>() : texts(loaded.error());
}

inline std::shared_ptr<const Snapshot> snapshot_of(
    std::string_view text, const Environment& environment = FakeEnvironment(),
    LoadOptions options = {}) {
  auto loaded = load_text(text, "/etc/sluice/sluice.yaml", environment, options);
  if (!loaded) {
    for (const auto& each : loaded.error()) ADD_FAILURE() << each.text();
    return std::make_shared<const Snapshot>(Config{}, Snapshot::Origin{});
  }
  return *std::move(loaded);
}

}  // namespace sluice::config
