// A model that needs no network: the same request always gets the same answer, in OpenAI's dialect.
//
// Pure: no socket, no clock, no log. Who uses it waits and sends what the script says. What can be
// ordered, and how, stands in docs/simulator.md.
#pragma once

#include "sluice/arena.h"

#include "base/json.h"
#include "providers/simulator/models.h"
#include "providers/simulator/script.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers::simulator {

// Views that need to live only as long as the call of respond().
struct Request {
  std::string_view method = "POST";
  std::string_view path{};  // With or without /v1; what follows a "?" is ignored.
  std::string_view body{};
  std::int64_t created = 1'700'000'000;  // What the answer tells as its time.
};

struct Header {
  std::string_view name;
  std::string value;
};

struct Head {
  int status = 200;
  std::string_view content_type = "application/json";
  std::vector<Header> headers;                // Besides content-type, content-length and framing.
  std::optional<std::size_t> content_length;  // None: a stream of events, to be sent in chunks.
  std::chrono::milliseconds wait{0};          // Before the head.
  std::chrono::milliseconds drip{0};          // Over which the head goes out, in small pieces.
};

struct Reply {
  Head head;
  Script script;
};

// One per thread; between requests it keeps nothing but its scratch memory.
class Simulator {
 public:
  // `seed` makes other ids and another choice of the requests that fail.
  Reply respond(const Request& request, std::uint64_t seed = 0);

 private:
  Result<Reply> answer(const Request& request, std::string_view path, std::uint64_t seed);

  json::Reader reader_;
  Arena arena_;
};

}  // namespace sluice::providers::simulator
