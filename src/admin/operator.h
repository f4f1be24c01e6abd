// What the admin API may ask of the daemon. May be called from any thread.
#pragma once

#include "config/diagnostic.h"

#include <memory>
#include <string>
#include <vector>

namespace sluice::config {
class Snapshot;
}

namespace sluice::admin {

struct ReloadResult {
  bool changed = false;                         // False: what is in force says the same already.
  std::vector<config::Diagnostic> diagnostics;  // Errors: nothing changed. Else warnings.

  bool failed() const;
};

struct ProviderStatus {
  std::string name;
  std::string type;
  std::string base_url;
  std::size_t keys = 0;
  std::size_t connections_idle = 0;
  std::size_t connections_busy = 0;
};

class Operator {
 public:
  virtual ~Operator() = default;
  virtual bool ready() const = 0;  // Serving, and not about to stop.
  virtual std::string metrics() = 0;
  virtual std::shared_ptr<const config::Snapshot> config() const = 0;
  virtual std::vector<ProviderStatus> providers() const = 0;
  virtual ReloadResult reload() = 0;
};

}  // namespace sluice::admin
