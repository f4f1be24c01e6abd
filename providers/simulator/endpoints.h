// One writer per endpoint: from the request's body to a body or a stream of events.
#pragma once

#include "providers/simulator/answer.h"
#include "providers/simulator/identity.h"
#include "providers/simulator/script.h"

#include <memory>
#include <string>
#include <string_view>

namespace sluice::providers::simulator {

struct Call {
  const json::Value* root;  // Null where the body is no JSON: forms with files.
  std::size_t body_size;
  const Order& order;
  Identity& identity;
  Arena& arena;
};

struct Made {
  std::string body;                // Or, in its place,
  std::unique_ptr<Events> events;  // a stream.
  std::size_t pieces = 0;          // Content events that the body would have been.
  std::string_view content_type = "application/json";
};

Result<Made> chat(Call& call);
Result<Made> completions(Call& call);
Result<Made> responses(Call& call);
Result<Made> input_tokens(Call& call);
Result<Made> embeddings(Call& call);
Result<Made> moderations(Call& call);
Result<Made> images(Call& call);
Result<Made> speech(Call& call);
Result<Made> transcriptions(Call& call);

}  // namespace sluice::providers::simulator
