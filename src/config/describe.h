// What the table tells about itself and about a configuration.
#pragma once

#include "config/config.h"
#include "config/type.h"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

// The effective configuration as a file that could be loaded again, but for the secrets.
std::string to_yaml(const Config& config, Secrets secrets);
inline std::string to_yaml_masked(const Config& config) {
  return to_yaml(config, Secrets::Masked);
}

// JSON Schema draft-07 of the file, for editors.
std::string schema_json();

// docs/configuration.md.
std::string reference_markdown();

// Known, but refused by this build. In a path * stands for any name and [] for any index.
struct NotYet {
  std::string path;
  std::string value;  // Of an otherwise good key: the word or form that is refused; else empty.

  auto operator<=>(const NotYet&) const = default;
};
std::vector<NotYet> not_in_this_build();

}  // namespace sluice::config
