// What groups of the strategy `learned` know outlives the process, in a file.
#pragma once

#include "config/config.h"
#include "config/environment.h"
#include "routing/learning.h"

#include <mutex>
#include <string>

namespace sluice::daemon {

class LearnedFile {
 public:
  // learned.json in $STATE_DIRECTORY, else beside the configuration.
  LearnedFile(routing::Learning& learning, const config::Environment& environment,
              const std::string& config_path);

  // Before a configuration comes into force. The first one with such a group loads the file.
  void begin(const config::Config& config);
  // Now and then: saves once a minute.
  void tend(Instant now);
  void save();

 private:
  void try_to_save();

  std::mutex mutex_;  // Reloads may come from the admin API.
  routing::Learning& learning_;
  std::string path_;
  bool in_use_ = false;
  bool told_ = false;  // That it cannot be saved.
  Instant next_{};
};

}  // namespace sluice::daemon
