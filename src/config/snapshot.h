// One configuration that never changes: a request ends under the one it began with.
#pragma once

#include "config/config.h"
#include "config/diagnostic.h"
#include "config/key_table.h"
#include "config/model_table.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

class Snapshot {
 public:
  struct Origin {
    std::string fingerprint;
    std::vector<std::string> files;
    std::vector<Diagnostic> warnings;
  };

  // `config` was checked.
  Snapshot(Config config, Origin origin);
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  const Config& config() const { return config_; }
  const ModelTable& models() const { return models_; }
  const KeyTable& keys() const { return keys_; }
  // Null: there is none of this name.
  const ProviderSettings* provider(std::string_view name) const;

  // Equal when every effective value is, secrets and the contents of certificate files included.
  std::string_view fingerprint() const { return origin_.fingerprint; }
  // What was read: the file itself, ${file:…} and certificates.
  const std::vector<std::string>& files() const { return origin_.files; }
  const std::vector<Diagnostic>& warnings() const { return origin_.warnings; }

 private:
  Config config_;
  ModelTable models_;
  KeyTable keys_;
  Origin origin_;
};

}  // namespace sluice::config
