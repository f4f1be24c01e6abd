// From a path to what is asked for: one table, and nothing beside it.
#pragma once

#include "sluice/arena.h"
#include "sluice/operation.h"

#include "net/http1/head.h"

#include <optional>
#include <span>
#include <string_view>

namespace sluice::server {

enum class EndpointKind : std::uint8_t {
  Operation,
  Models,  // The list of what may be asked for.
  Model,   // One of it.
  Home,    // Somebody looks whether we are there.
  Live,
  Ready,
  Missing,  // No such path.
};

struct Endpoint {
  EndpointKind kind = EndpointKind::Missing;
  Family family = Family::OpenAi;
  Operation operation = Operation::Chat;
  std::string_view methods = {};   // Those it answers, as in an Allow header.
  std::string_view path = {};      // For metrics and logs: the table's, never the caller's.
  std::string_view model = {};     // When the path names it.
  std::string_view provider = {};  // Likewise.
  std::string_view rest = {};      // Of a raw path, with its query.
  bool stream = false;             // When the path says so.
  bool stream_array = false;       // And then as one JSON array.
};

// Of the head's target: the prefix, the path and, where that does not say it, the headers tell the
// family. A model's name in the path is decoded into the arena.
Endpoint find_endpoint(const net::http1::RequestHead& head, Arena& arena);

bool allows(const Endpoint& endpoint, std::string_view method);

// Every path that is answered, for the start-up log and the docs.
struct ListedEndpoint {
  std::string_view methods;
  std::string_view path;
  std::string_view does;
};
std::span<const ListedEndpoint> listed_endpoints();

}  // namespace sluice::server
