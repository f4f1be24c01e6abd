// What is learned while the process runs, whatever its configuration; all threads share it.
#pragma once

#include "routing/fleet.h"
#include "routing/learning.h"
#include "routing/prompt_memory.h"

#include <atomic>
#include <cstdint>

namespace sluice::routing {

// What is counted of how requests were pursued.
struct Tally {
  std::atomic<std::uint64_t> hedges_won = 0;   // The second one answered,
  std::atomic<std::uint64_t> hedges_lost = 0;  // or it was asked in vain.
  std::atomic<std::uint64_t> resumed = 0;      // Streams that went on at another target.
};

struct CommonKnowledge {
  // The clock is asked by all threads.
  explicit CommonKnowledge(const Clock& clock) : learning(clock) {}

  Fleet fleet;
  Learning learning;
  PromptMemory prompts;
  Tally tally;
};

}  // namespace sluice::routing
