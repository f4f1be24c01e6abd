// What a model answers to a request, whatever the endpoint it is written for.
#pragma once

#include "providers/simulator/ask.h"
#include "providers/simulator/content.h"
#include "providers/simulator/knobs.h"
#include "providers/simulator/models.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers::simulator {

struct ToolCall {
  std::string name;
  Content arguments;
};

struct Usage {
  std::size_t prompt = 0;
  std::size_t completion = 0;  // Reasoning included.
  std::size_t reasoning = 0;
};

struct Answer {
  Content reasoning;
  Content text;
  std::vector<ToolCall> calls;
  bool refusal = false;  // The text is one.

  std::string_view finish_reason() const;
  bool shortened() const { return reasoning.shortened() || text.shortened(); }
  std::size_t pieces() const;
};

// A model with its knobs: what a name and the metadata order together.
struct Order {
  ModelChoice choice;
  Knobs knobs;
};

Answer make_answer(const Order& order, const Ask& ask, std::string_view text);

}  // namespace sluice::providers::simulator
