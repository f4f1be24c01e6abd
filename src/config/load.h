// From the one YAML file to a Snapshot.
#pragma once

#include "config/diagnostic.h"
#include "config/environment.h"
#include "config/snapshot.h"

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

struct LoadOptions {
  std::size_t max_errors = 20;
  // Variables and files that are not there stand open instead of being errors: `check
  // --no-secrets`. Such a snapshot is for looking at, not for serving.
  bool no_secrets = false;
};

using Loaded = std::expected<std::shared_ptr<const Snapshot>, std::vector<Diagnostic>>;

Loaded load(const std::string& path, const Environment& environment, LoadOptions options = {});

// `name` is what the diagnostics call the file; relative paths start at its folder.
Loaded load_text(std::string_view text, const std::string& name, const Environment& environment,
                 LoadOptions options = {});

}  // namespace sluice::config
