// The simulator as a provider in this process: its script is played without a socket.
#pragma once

#include "sluice/upstream.h"

#include "providers/simulator/simulator.h"

#include <atomic>
#include <memory>

namespace sluice::providers::simulator {

class InProcess final : public Upstream {
 public:
  using Seed = std::atomic<std::uint64_t>;

  // Counted up from request to request, by all who share it.
  explicit InProcess(std::shared_ptr<Seed> seed) : seed_(std::move(seed)) {}

  Task<Result<ArenaPtr<UpstreamReply>>> send(Context& context, const UpstreamRequest& request,
                                             Attempt& attempt) override;

 private:
  std::shared_ptr<Seed> seed_;
  Simulator simulator_;
};

}  // namespace sluice::providers::simulator
