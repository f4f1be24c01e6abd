// The simulator as a provider in this process: its script is played without a socket.
#pragma once

#include "sluice/upstream.h"

#include "providers/simulator/simulator.h"

namespace sluice::providers::simulator {

class InProcess final : public Upstream {
 public:
  explicit InProcess(std::uint64_t seed) : seed_(seed) {}

  Task<Result<ArenaPtr<UpstreamReply>>> send(Context& context, const UpstreamRequest& request,
                                             Attempt& attempt) override;

 private:
  std::uint64_t seed_;
  Simulator simulator_;
};

}  // namespace sluice::providers::simulator
