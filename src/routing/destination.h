// One provider as one thread reaches it, under one configuration.
#pragma once

#include "sluice/upstream.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice::net {
class WebSocketDialer;
}

namespace sluice::routing {

class Allowance;
class Bulkhead;
class KeyPool;
struct TargetState;

// What is learned about a provider; shared by all threads, kept over reloads.
struct ProviderMemory {
  std::atomic<bool> refuses_stream_options = false;
};

struct Destination {
  std::string name;
  std::shared_ptr<const Provider> provider;
  std::shared_ptr<KeyPool> keys;  // Shared by all threads, kept over reloads.
  std::vector<std::shared_ptr<const Credential>> credentials;  // One for each of the keys.
  std::shared_ptr<const Credential> credential;                // The first of them.
  std::shared_ptr<Allowance> allowance;  // Null: none of ours. Shared like the keys.
  std::shared_ptr<Upstream> upstream;
  std::shared_ptr<net::WebSocketDialer> websockets;  // Null where there are none.
  std::shared_ptr<ProviderMemory> memory;
  const ProviderKind* kind = nullptr;  // Of the catalogue; lives as long as the configuration.
  std::shared_ptr<TargetState> state;  // Of those of its models that no name leads to.
  std::shared_ptr<Bulkhead> bulkhead;  // Null: as many at once as there are.
  bool drains = false;                 // A call goes on when its caller leaves.
  std::string base_path;
  std::vector<Field> headers;  // Views into the configuration.
  Duration first_token{};
  Duration between_tokens{};
  Duration total{};
  bool asks_for_usage = true;
  bool may_refuse_stream_options = false;  // Then it is asked once more without, and not again.
  std::optional<DropPolicy> drop;          // Its own, where the caller says nothing.
  bool has_no_key = false;                 // Keys are wanted and none was given.
};

}  // namespace sluice::routing
