// One configuration that never changes: a request ends under the one it began with.
#pragma once

#include "config/catalogue.h"
#include "config/config.h"
#include "config/diagnostic.h"
#include "config/key_table.h"
#include "config/model_table.h"
#include "config/price_table.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

// What a configuration stands on: the built-in catalogues and prices, and its own before them.
struct Ground {
  std::shared_ptr<const Catalogue> catalogue = std::make_shared<const Catalogue>();
  std::shared_ptr<const PriceTable> prices = std::make_shared<const PriceTable>();
};

class Snapshot {
 public:
  struct Origin {
    std::string fingerprint;
    std::vector<std::string> files;
    std::vector<Diagnostic> warnings;
  };

  // `config` was checked; the kinds of its providers are those of the ground's catalogue.
  Snapshot(Config config, Origin origin, Ground ground = {});
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  const Config& config() const { return config_; }
  const ModelTable& models() const { return models_; }
  const KeyTable& keys() const { return keys_; }
  const Catalogue& catalogue() const { return *ground_.catalogue; }
  const PriceTable& prices() const { return *ground_.prices; }
  // Null: there is none of this name.
  const ProviderSettings* provider(std::string_view name) const;

  // Equal when every effective value is, secrets and the contents of certificate files included.
  std::string_view fingerprint() const { return origin_.fingerprint; }
  // What was read: the file itself, ${file:…} and certificates.
  const std::vector<std::string>& files() const { return origin_.files; }
  const std::vector<Diagnostic>& warnings() const { return origin_.warnings; }

 private:
  Ground ground_;
  Config config_;
  ModelTable models_;
  KeyTable keys_;
  Origin origin_;
};

}  // namespace sluice::config
