#include "providers/simulator/models.h"

#include "cli/columns.h"
#include "cli/commands.h"
#include "config/load.h"

#include <ostream>

namespace sluice::cli {
namespace {

std::string limits_of(const ModelFacts& facts) {
  std::string words;
  if (facts.context > 0) words = std::to_string(facts.context) + " tokens";
  if (facts.most_output > 0) {
    words += (words.empty() ? "" : ", ") + std::string("up to ") +
             std::to_string(facts.most_output) + " of output";
  }
  return words;
}

void add_direct_names(const config::ProviderSettings& provider, Rows& rows) {
  if (!provider.is(Api::Simulator)) {
    rows.push_back({provider.name + "/...", "any model of " + provider.name});
    if (!provider.kind) return;
    for (const ModelFacts& facts : provider.kind->models) {
      rows.push_back({provider.name + "/" + std::string(facts.id), limits_of(facts)});
    }
    return;
  }
  for (const providers::simulator::Model& model : providers::simulator::known_models()) {
    const std::string name = provider.name + "/" + std::string(model.name);
    rows.push_back({name, std::string(model.description)});
    if (model.max_count > 0) {
      rows.push_back({name + "-N", "the same, N up to " + std::to_string(model.max_count)});
    }
  }
}

}  // namespace

int models(const std::string& path, std::ostream& out, std::ostream& err) {
  // Names are no secrets: they can be listed where the secrets are not at hand.
  const config::ProcessEnvironment environment;
  const auto loaded = config::load(path, environment, {.no_secrets = true});
  if (!loaded) {
    for (const config::Diagnostic& each : loaded.error()) err << each.text() << '\n';
    return 1;
  }
  const config::Config& config = (*loaded)->config();
  Rows rows{{"NAME", "MEANS"}};
  for (const config::ModelEntry& entry : config.models) rows.push_back({entry.name, entry.target});
  if (config.server.direct_models) {
    for (const config::ProviderSettings& provider : config.providers) {
      add_direct_names(provider, rows);
    }
  }
  print_columns(rows, out);
  return 0;
}

}  // namespace sluice::cli
