#include "config/ground.h"

#include "config/built_in.h"
#include "config/catalogue_reader.h"
#include "config/litellm_prices.h"
#include "config/price_reader.h"

#include <set>
#include <utility>

namespace sluice::config {
namespace {

class GroundReader {
 public:
  GroundReader(Reader& reader, Findings& findings, const Environment& environment,
               const LoadOptions& options)
      : reader_(reader), findings_(findings), environment_(environment), options_(options) {}

  void read_catalogues(const std::vector<std::string>& folders, const Node* node) {
    const Reader::Step catalogues(reader_, "catalogues");
    for (std::size_t i = 0; i < folders.size(); ++i) {
      const Reader::Step index(reader_, i);
      read_folder(folders[i], node ? node->entries[i].value->at : Position{});
    }
  }

  void read_prices(const std::string& path, const Node* node) {
    const Reader::Step prices(reader_, "prices");
    const auto text = content(path, node ? node->at : Position{});
    if (!text) return;
    prices_ = looks_like_litellm(*text) ? litellm_prices(*text, path) : own_prices(*text, path);
  }

  GroundFiles take() {
    files_.ground = {
        .catalogue = std::move(catalogue_),
        .prices = std::make_shared<const PriceTable>(built_in_prices(), std::move(prices_))};
    return std::move(files_);
  }

 private:
  void cannot_read(Position at, const std::string& why) {
    files_.complete = false;
    if (options_.no_secrets) {
      reader_.warning(at, why);
    } else {
      reader_.error(at, why);
    }
  }

  std::optional<std::string> content(const std::string& path, Position at) {
    auto text = environment_.file(path);
    files_.paths.push_back(path);
    if (!text) {
      cannot_read(at, path + ": " + text.error()->message);
      return std::nullopt;
    }
    files_.contents.push_back(*text);
    return *std::move(text);
  }

  // FOLDER/*.yaml and FOLDER/*/catalogue.yaml.
  void read_folder(const std::string& folder, Position at) {
    files_.paths.push_back(folder);
    const auto entries = environment_.folder(folder);
    if (!entries) return cannot_read(at, folder + ": " + entries.error()->message);
    bool found = false;
    for (const std::string& entry : *entries) {
      const bool is_file = entry.ends_with(".yaml");
      const std::string path = is_file ? entry : entry + "/catalogue.yaml";
      if (!is_file && !environment_.file(path)) continue;
      found = true;
      if (const auto text = content(path, at)) read_one(*text, path);
    }
    if (!found) reader_.warning(at, "holds no catalogue: no *.yaml, no */catalogue.yaml");
  }

  void read_one(const std::string& text, const std::string& path) {
    Findings of_file(path, options_.max_errors);
    const auto texts = read_catalogue(text, of_file);
    if (texts) catalogue_->merge(*texts);
    findings_.add(std::move(of_file));
  }

  std::vector<PriceTexts> own_prices(const std::string& text, const std::string& path) {
    Findings of_file(path, options_.max_errors);
    auto prices = config::read_prices(text, of_file);
    std::set<std::string_view> told;
    for (const PriceTexts& each : prices) {
      if (catalogue_->find(each.provider) || !told.insert(each.provider).second) continue;
      of_file.warning({}, each.provider + ": is not a type of `sluice providers`");
    }
    findings_.add(std::move(of_file));
    return prices;
  }

  std::vector<PriceTexts> litellm_prices(const std::string& text, const std::string& path) {
    auto all = read_litellm_prices(text);
    if (!all) {
      Findings of_file(path, options_.max_errors);
      of_file.error({}, all.error()->message);
      findings_.add(std::move(of_file));
      return {};
    }
    for (const auto& [type, models] : all->models) catalogue_->supplement(type, models);
    return std::move(all->prices);
  }

  Reader& reader_;
  Findings& findings_;
  const Environment& environment_;
  const LoadOptions& options_;
  std::shared_ptr<Catalogue> catalogue_ = std::make_shared<Catalogue>(built_in_kinds());
  std::vector<PriceTexts> prices_;
  GroundFiles files_;
};

}  // namespace

GroundFiles read_ground(const Config& config, const Node& root, Reader& reader, Findings& findings,
                        const Environment& environment, const LoadOptions& options) {
  GroundReader ground(reader, findings, environment, options);
  ground.read_catalogues(config.catalogues, root.find("catalogues"));
  if (config.prices) ground.read_prices(*config.prices, root.find("prices"));
  return ground.take();
}

}  // namespace sluice::config
