#include "server/local_answers.h"

#include "base/json_writer.h"
#include "config/snapshot.h"
#include "providers/simulator/simulator.h"

#include <algorithm>

namespace sluice::server {
namespace {

struct Listed {
  std::string id;
  std::string owner;
};

// The names of the configuration and of the catalogue, and the simulator's own models.
std::vector<Listed> models_for(const config::Snapshot& snapshot, const Principal& principal) {
  const config::Config& config = snapshot.config();
  std::vector<Listed> all;
  auto add = [&](std::string id, std::string owner) {
    if (config::matches_any(principal.models, id)) all.push_back({std::move(id), std::move(owner)});
  };
  for (config::ListedModel& model : snapshot.models().listed()) {
    add(std::move(model.name), std::string(model.provider));
  }
  if (!config.server.direct_models) return all;
  for (const config::ProviderSettings& provider : config.providers) {
    if (!provider.is(Api::Simulator)) continue;
    for (const auto& model : providers::simulator::known_models()) {
      add(provider.name + "/" + std::string(model.name), provider.name);
    }
  }
  return all;
}

void write_model(json::Writer& writer, const Listed& model, Family family) {
  writer.begin_object();
  switch (family) {
    case Family::OpenAi:
      writer.member("id", model.id)
          .member("object", "model")
          .member("created", 0)
          .member("owned_by", model.owner);
      break;
    case Family::Anthropic:
      writer.member("type", "model").member("id", model.id).member("display_name", model.id);
      writer.member("created_at", "1970-01-01T00:00:00Z");
      break;
    case Family::Gemini:
      writer.member("name", "models/" + model.id).member("displayName", model.id);
      break;
  }
  writer.end_object();
}

std::string model_list(const std::vector<Listed>& models, Family family) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  if (family == Family::OpenAi) writer.member("object", "list");
  writer.key(family == Family::Gemini ? "models" : "data").begin_array();
  for (const Listed& model : models) write_model(writer, model, family);
  writer.end_array();
  if (family == Family::Anthropic) {
    writer.member("has_more", false);
    if (!models.empty())
      writer.member("first_id", models.front().id).member("last_id", models.back().id);
  }
  writer.end_object();
  return text;
}

}  // namespace

Result<std::string> local_answer(const Endpoint& endpoint, const config::Snapshot& config,
                                 const Context& context) {
  switch (endpoint.kind) {
    case EndpointKind::Models:
      return model_list(models_for(config, *context.principal), context.family);
    case EndpointKind::Model: {
      const std::vector<Listed> models = models_for(config, *context.principal);
      const auto found = std::ranges::find(models, endpoint.model, &Listed::id);
      if (found == models.end()) {
        return fail(ErrorKind::NotFound, "model_not_found",
                    "The model \"" + std::string(endpoint.model) + "\" does not exist here.");
      }
      std::string text;
      json::Writer writer(text);
      write_model(writer, *found, context.family);
      return text;
    }
    default:
      return std::string(R"({"status":"ok"})");
  }
}

}  // namespace sluice::server
