// Reads the catalogues and prices that a configuration names.
#pragma once

#include "config/config.h"
#include "config/environment.h"
#include "config/load.h"
#include "config/node.h"
#include "config/reader.h"
#include "config/snapshot.h"

#include <optional>
#include <string>
#include <vector>

namespace sluice::config {

struct GroundFiles {
  Ground ground;
  std::vector<std::string> paths;     // What was read, and the folders.
  std::vector<std::string> contents;  // Of the files.
  bool complete = true;               // No catalogue is missing.
};

// Files that cannot be read are errors; where secrets are not looked at, warnings.
GroundFiles read_ground(const Config& config, const Node& root, Reader& reader, Findings& findings,
                        const Environment& environment, const LoadOptions& options);

}  // namespace sluice::config
