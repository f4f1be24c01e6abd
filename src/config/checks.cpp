#include "config/checks.h"

#include "config/model_checks.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <unordered_map>
#include <vector>

namespace sluice::config {
namespace {

// Where the value at this path stands; the nearest part of the path that the file has.
Position place_of(const Node& root, std::initializer_list<std::string_view> path) {
  Position at = root.at;
  const Node* node = &root;
  for (const auto key : path) {
    const auto* entry = node->kind == Node::Kind::Map ? node->find_entry(key) : nullptr;
    if (!entry) break;
    node = entry->value;
    at = node->at;
  }
  return at;
}

const Node* find(const Node& root, std::initializer_list<std::string_view> path) {
  const Node* node = &root;
  for (const auto key : path) {
    if (node) node = node->find(key);
  }
  return node;
}

void check_listeners(const Config& config, const Node& root, Reader& reader) {
  std::vector<ListenAddress> seen;
  const auto* list = find(root, {"server", "listen"});
  const auto tell_doubled = [&](const ListenAddress& address, Position at) {
    const bool fixed = address.kind == ListenAddress::Kind::Unix || address.port != 0;
    if (fixed && std::ranges::find(seen, address) != seen.end()) {
      reader.error(at, "is listened on twice: " + address.text());
    }
    seen.push_back(address);
  };
  for (std::size_t i = 0; i < config.server.listen.size(); ++i) {
    const Reader::Step server(reader, "server");
    const Reader::Step listen(reader, "listen");
    const Reader::Step index(reader, i);
    tell_doubled(config.server.listen[i], list ? list->entries[i].value->at : root.at);
  }
  const Reader::Step admin(reader, "admin");
  const Reader::Step listen(reader, "listen");
  const auto at = place_of(root, {"admin", "listen"});
  tell_doubled(config.admin.listen, at);
  if (config.admin.tokens.empty() && !config.admin.listen.is_local()) {
    reader.error(at, "without admin.tokens expected a loopback address or a unix socket");
  }
}

// Names and secrets of a list of { name, secret, … } stand in it once.
template <class T>
void check_distinct(const std::vector<T>& list, const Node* nodes, Reader& reader) {
  if (!nodes) return;
  std::unordered_map<std::string_view, std::size_t> names;
  std::unordered_map<std::string_view, std::size_t> secrets;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Reader::Step step(reader, i);
    const Node& node = *nodes->entries[i].value;
    const auto tell = [&](std::string_view key, std::size_t first) {
      reader.error(place_of(node, {key}),
                   std::string(key) + ": the same as that of [" + std::to_string(first) + "]");
    };
    const auto [name, new_name] = names.emplace(list[i].name, i);
    // An empty one was left open: secrets were not looked at.
    if (!new_name && !list[i].name.empty()) tell("name", name->second);
    const auto [secret, new_secret] = secrets.emplace(list[i].secret.reveal(), i);
    if (!new_secret) tell("secret", secret->second);
  }
}

void check_clients(const Config& config, const Node& root, Reader& reader) {
  {
    const Reader::Step admin(reader, "admin");
    const Reader::Step tokens(reader, "tokens");
    check_distinct(config.admin.tokens, find(root, {"admin", "tokens"}), reader);
  }
  const Reader::Step auth(reader, "auth");
  if (config.auth.required && config.auth.keys.empty()) {
    reader.warning(place_of(root, {"auth"}),
                   "keys are required and there are none: every request will be refused");
  }
  const Reader::Step keys(reader, "keys");
  check_distinct(config.auth.keys, find(root, {"auth", "keys"}), reader);
}

void check_provider_keys(const Config& config, const Node& root, Reader& reader) {
  const Reader::Step providers(reader, "providers");
  for (const ProviderSettings& provider : config.providers) {
    const Reader::Step name(reader, provider.name);
    const Reader::Step keys(reader, "keys");
    std::vector<std::string_view> seen;
    for (const ProviderKey& key : provider.keys.list) {
      if (std::ranges::find(seen, key.secret.reveal()) != seen.end()) {
        reader.error(place_of(root, {"providers", provider.name, "keys"}),
                     "the same key stands here twice; one with a weight does that");
        break;
      }
      seen.push_back(key.secret.reveal());
    }
  }
}

}  // namespace

void check(const Config& config, const Node& root, Reader& reader) {
  check_listeners(config, root, reader);
  check_clients(config, root, reader);
  check_provider_keys(config, root, reader);
  check_models(config, root, reader);
}

}  // namespace sluice::config
