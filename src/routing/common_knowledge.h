// What is learned while the process runs, whatever its configuration; all threads share it.
#pragma once

#include "routing/fleet.h"
#include "routing/learning.h"
#include "routing/prompt_memory.h"

namespace sluice::routing {

struct CommonKnowledge {
  // The clock is asked by all threads.
  explicit CommonKnowledge(const Clock& clock) : learning(clock) {}

  Fleet fleet;
  Learning learning;
  PromptMemory prompts;
};

}  // namespace sluice::routing
