#include "daemon/learned_file.h"

#include "base/log.h"

#include <algorithm>
#include <filesystem>

namespace sluice::daemon {
namespace {

constexpr Duration kEvery = std::chrono::minutes(1);

// The first of those that systemd names.
std::filesystem::path folder_of(const config::Environment& environment,
                                const std::string& config_path) {
  const std::string folders = environment.variable("STATE_DIRECTORY").value_or("");
  if (!folders.empty()) return folders.substr(0, folders.find(':'));
  return std::filesystem::path(config_path).parent_path();
}

bool learns(const config::Config& config) {
  return std::ranges::any_of(config.models, [](const config::ModelEntry& entry) {
    return entry.group && entry.group->strategy == config::StrategyKind::Learned;
  });
}

}  // namespace

LearnedFile::LearnedFile(routing::Learning& learning, const config::Environment& environment,
                         const std::string& config_path)
    : learning_(learning), path_(folder_of(environment, config_path) / "learned.json") {}

void LearnedFile::begin(const config::Config& config) {
  const std::lock_guard lock(mutex_);
  if (in_use_ || !learns(config)) return;
  in_use_ = true;
  if (const auto loaded = learning_.load(path_); !loaded) {
    log::warn("routing", "what was learned cannot be used: all is learned anew",
              {{"detail", loaded.error()}});
    std::error_code ignored;
    std::filesystem::rename(path_, path_ + ".unusable", ignored);
  }
  try_to_save();  // Who runs this hears of it now, not when it is too late.
}

void LearnedFile::tend(Instant now) {
  const std::lock_guard lock(mutex_);
  if (!in_use_ || now < next_) return;
  next_ = now + kEvery;
  try_to_save();
}

void LearnedFile::save() {
  const std::lock_guard lock(mutex_);
  if (in_use_) try_to_save();
}

void LearnedFile::try_to_save() {
  const auto saved = learning_.save(path_);
  if (saved || told_) return;
  told_ = true;
  log::warn("routing", "what is learned cannot be saved: it will be forgotten at the end",
            {{"detail", saved.error()}});
}

}  // namespace sluice::daemon
