// Behaviour to order: delays, rates and faults, in the model name or in the request's metadata.
//   name     = MODEL ( "+" knob )*          e.g. echo+delay=200ms+cut=5
//   metadata = "simulate": knob ( "," knob )*
//   knob     = NAME [ "=" VALUE ]
#pragma once

#include "sluice/error.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::providers::simulator {

enum class Fault : std::uint8_t {
  None,
  Error,          // An error status with an error object.
  Html,           // 502 with a page of HTML.
  Blank,          // 200 and no byte of body.
  Empty,          // A well-formed answer without content.
  ErrorInStream,  // An error inside a 200.
  Cut,            // The connection closes in the middle of the body.
  Reset,          // The same with a reset.
  Stall,          // Nothing more comes, the connection stays.
  Garbage,        // A frame, or the body, is no JSON.
};

struct Knobs {
  using Milliseconds = std::chrono::milliseconds;

  Milliseconds delay{0};         // Before the head.
  Milliseconds slow_headers{0};  // Over which the head drips out.
  Milliseconds ttft{0};          // Before the first content event.
  Milliseconds gap{0};           // Before each further one.
  double rate = 0;               // Tokens per second; 0: no limit.
  double fail = 1;               // The part of requests that the fault happens to.
  std::size_t size = 0;          // Bytes of text instead of the model's own; 0: the model's own.
  std::size_t after = 0;         // Content events before the fault.
  std::optional<Milliseconds> retry_after;
  std::optional<Milliseconds> retry_after_ms;
  std::string code;  // Of the error; empty: the usual one of the status.
  int status = 500;
  Fault fault = Fault::None;
  bool usage = true;
  bool done = true;
};

// Adds the knobs of a list. `param` is the request field to name when one is wrong.
Result<void> read_knobs(std::string_view list, char separator, std::string_view param,
                        Knobs& knobs);

}  // namespace sluice::providers::simulator
