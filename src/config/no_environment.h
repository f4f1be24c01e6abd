// Of a text that learns nothing about this machine.
#pragma once

#include "config/environment.h"

namespace sluice::config {

class NoEnvironment final : public Environment {
 public:
  std::optional<std::string> variable(const std::string&) const override { return std::nullopt; }
  Result<std::string> file(const std::string&) const override {
    return fail(ErrorKind::NotFound, "not_found", "not looked at");
  }
  Result<std::vector<std::string>> folder(const std::string&) const override {
    return fail(ErrorKind::NotFound, "not_found", "not looked at");
  }
};

}  // namespace sluice::config
