#include "config/provider_kind.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace sluice::config {
namespace {

constexpr std::string_view kApiVersion = "2024-10-21";

struct OwnKey {
  std::string_view name;
  Api api;
};
constexpr std::array kOwnKeys = {
    OwnKey{"api_version", Api::Azure},     OwnKey{"deployments", Api::Azure},
    OwnKey{"entra", Api::Azure},           OwnKey{"region", Api::Bedrock},
    OwnKey{"access_key", Api::Bedrock},    OwnKey{"secret_key", Api::Bedrock},
    OwnKey{"session_token", Api::Bedrock}, OwnKey{"profile", Api::Bedrock},
    OwnKey{"role", Api::Bedrock},          OwnKey{"project", Api::Vertex},
    OwnKey{"location", Api::Vertex},       OwnKey{"credentials", Api::Vertex},
    OwnKey{"access_token", Api::Vertex},
};

std::string_view name_of(Api api) {
  if (api == Api::Azure) return "azure";
  return api == Api::Bedrock ? "bedrock" : "vertex";
}

const ProviderKind* find_kind(Reader& reader, const Node& node, const std::string& type,
                              const Catalogue& catalogue) {
  if (type.empty()) return nullptr;  // What is wrong with it was told.
  if (const ProviderKind* kind = catalogue.find(type)) return kind;
  const auto near = text::nearest(type, catalogue.types(), 1);
  std::string message = "expected a type of `sluice providers`, not \"" + type + "\"";
  if (!near.empty()) message += "; did you mean \"" + std::string(near.front()) + "\"?";
  const Reader::Step step(reader, "type");
  reader.error(node, message);
  return nullptr;
}

void refuse_keys_of_others(Reader& reader, const Node& node, const ProviderKind& kind) {
  for (const OwnKey& key : kOwnKeys) {
    const Node* value = node.find(key.name);
    if (!value || kind.api == key.api) continue;
    const Reader::Step step(reader, key.name);
    reader.error(*value, "is only for a provider of type " + std::string(name_of(key.api)));
  }
}

// A setting that stands in the kind's URL; empty: there is no such setting, or it is absent.
std::string_view part_of_url(const ProviderSettings& provider, std::string_view name) {
  if (name == "region" && provider.region) return *provider.region;
  if (name == "location" && provider.location) return *provider.location;
  if (name == "project" && provider.project) return *provider.project;
  return {};
}

bool is_settable(std::string_view name) {
  return name == "region" || name == "location" || name == "project";
}

// It becomes part of a host's name or a path.
bool is_plain(std::string_view text) {
  return !text.empty() && text.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789-_:.") == std::string_view::npos;
}

// The kind's URL, filled in; nullopt: the settings do not say enough, which was told.
std::optional<std::string> filled_in(Reader& reader, const Node& node,
                                     const ProviderSettings& provider) {
  std::string_view form = provider.kind->base_url;
  std::string url;
  while (true) {
    const auto open = form.find('{');
    url += form.substr(0, open);
    if (open == std::string_view::npos) return url;
    const auto close = form.find('}', open);
    const auto name = form.substr(open + 1, close - open - 1);
    if (!is_settable(name)) {
      reader.error(node, "lacks \"base_url\": " + std::string(provider.kind->base_url));
      return std::nullopt;
    }
    const auto value = part_of_url(provider, name);
    if (value.empty()) return std::nullopt;  // Told by whoever wants that setting.
    if (!is_plain(value)) {
      const Reader::Step step(reader, name);
      reader.error(node, "expected letters, digits, dots, - and _");
      return std::nullopt;
    }
    // Vertex AI's global location has no name of its own.
    const bool global = name == "location" && value == "global";
    if (!global) url += value;
    form.remove_prefix(close + 1 + (global && form.substr(close + 1).starts_with('-') ? 1 : 0));
  }
}

void settle_url(Reader& reader, const Node& node, ProviderSettings& provider) {
  const Node* base_url = node.find("base_url");
  if (provider.is(Api::Simulator)) {
    if (base_url) {
      reader.error(*base_url, "a simulator answers without a network: it takes no base_url");
    }
    return;
  }
  if (base_url) return;
  if (provider.kind->base_url.empty()) {
    reader.error(node, "lacks \"base_url\": a URL that begins with http:// or https://");
    return;
  }
  const auto url = filled_in(reader, node, provider);
  if (!url) return;
  if (auto parsed = parse_url(*url)) {
    provider.base_url = *std::move(parsed);
  } else {
    reader.error(node, "base_url of the type: " + parsed.error());
  }
}

void want(Reader& reader, const Node& node, std::string_view key, std::string_view words) {
  if (node.find(key)) return;
  reader.error(node, "lacks \"" + std::string(key) + "\": " + std::string(words));
}

// `keys: []`: none are needed. Beside another way it says nothing.
bool is_empty_list(const Node& node) {
  return node.kind == Node::Kind::List && node.entries.empty();
}

// Exactly one of several ways to a credential.
void want_one_way(Reader& reader, const Node& node, std::span<const std::string_view> ways) {
  std::string_view first;
  bool none_needed = false;
  for (const std::string_view way : ways) {
    const Node* value = node.find(way);
    if (!value) continue;
    if (is_empty_list(*value)) {
      none_needed = true;
    } else if (first.empty()) {
      first = way;
    } else {
      reader.error(*value, "expected one credential: " + std::string(first) + " or " +
                               std::string(way) + ", not both");
    }
  }
  if (!first.empty() || none_needed) return;
  std::string list;
  for (const std::string_view way : ways) {
    if (!list.empty()) list += way == ways.back() ? " or " : ", ";
    list += way;
  }
  reader.error(node, "lacks a credential: expected " + list);
}

void settle_bedrock(Reader& reader, const Node& node, ProviderSettings& provider) {
  constexpr std::array<std::string_view, 4> kWays = {"access_key", "profile", "role", "keys"};
  want(reader, node, "region", "such as us-east-1");
  want_one_way(reader, node, kWays);
  if (node.find("access_key")) {
    want(reader, node, "secret_key", "of the access_key");
  } else {
    for (const std::string_view key : {"secret_key", "session_token"}) {
      if (const Node* value = node.find(key)) {
        reader.error(*value, std::string(key) + " goes with an access_key");
      }
    }
  }
  // One that is not set, as ${AWS_SESSION_TOKEN:-} gives it.
  if (provider.session_token && provider.session_token->empty()) provider.session_token.reset();
}

void settle_vertex(Reader& reader, const Node& node) {
  constexpr std::array<std::string_view, 3> kWays = {"credentials", "access_token", "keys"};
  want(reader, node, "project", "the project's id");
  want(reader, node, "location", "such as europe-west1 or global");
  want_one_way(reader, node, kWays);
}

void settle_azure(Reader& reader, const Node& node, ProviderSettings& provider) {
  constexpr std::array<std::string_view, 2> kWays = {"keys", "entra"};
  want_one_way(reader, node, kWays);
  if (!provider.api_version) provider.api_version = kApiVersion;
}

void settle_credential(Reader& reader, const Node& node, const ProviderSettings& provider) {
  const KeyKind key = provider.kind->key;
  const bool in_place = key == KeyKind::None || key == KeyKind::Aws || key == KeyKind::Google ||
                        provider.is(Api::Azure);
  if (!in_place && !node.find("keys")) {
    reader.warning(node.at, "has no keys; `keys: []` if none are needed");
  }
  if (provider.lacks_credential() && !provider.keys.all_absent()) {
    reader.warning(node.at, "its credential is empty: this provider answers 503 until it is set");
  }
}

void settle_provider(Reader& reader, const Node& node, ProviderSettings& provider,
                     const Catalogue& catalogue) {
  const Node* type = node.find("type");
  if (!type) return;
  provider.kind = find_kind(reader, *type, provider.type, catalogue);
  if (!provider.kind) return;
  refuse_keys_of_others(reader, node, *provider.kind);
  if (provider.is(Api::Azure)) settle_azure(reader, node, provider);
  if (provider.is(Api::Bedrock)) settle_bedrock(reader, node, provider);
  if (provider.is(Api::Vertex)) settle_vertex(reader, node);
  settle_url(reader, node, provider);
  settle_credential(reader, node, provider);
}

}  // namespace

bool ProviderSettings::lacks_credential() const {
  const auto empty = [](const std::optional<Secret>& secret) { return secret && secret->empty(); };
  return keys.all_absent() || empty(access_key) || empty(secret_key) || empty(access_token) ||
         (entra && entra->client_secret.empty());
}

std::string_view ProviderSettings::deployment_of(std::string_view model) const {
  if (!deployments) return model;
  const auto found = std::ranges::find(*deployments, model, &Deployment::name);
  return found == deployments->end() ? model : std::string_view(found->deployment);
}

void settle_providers(Config& config, const Node& root, Reader& reader,
                      const Catalogue& catalogue) {
  const Node* nodes = root.find("providers");
  if (!nodes || nodes->entries.size() != config.providers.size()) return;
  const Reader::Step providers(reader, "providers");
  for (std::size_t i = 0; i < config.providers.size(); ++i) {
    const Node& node = *nodes->entries[i].value;
    const Reader::Step name(reader, nodes->entries[i].key);
    if (node.kind == Node::Kind::Map) {
      settle_provider(reader, node, config.providers[i], catalogue);
    }
  }
}

}  // namespace sluice::config
