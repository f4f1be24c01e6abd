// Plays the simulator's answers on real connections: their pace, their faults and all.
#pragma once

#include "net/http_connection.h"
#include "providers/simulator/simulator.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace sluice::cli {

class SimulatorHandler final : public net::HttpHandler {
 public:
  struct Options {
    std::chrono::milliseconds delay{0};  // Before every answer.
    std::string key = {};                // Not empty: callers must present it.
  };

  // `seed` is counted up from request to request, by the handlers of all threads.
  SimulatorHandler(const Options& options, std::atomic<std::uint64_t>& seed)
      : options_(options), seed_(seed) {}

  Task<void> handle(net::HttpExchange& exchange) override;
  std::string refusal(const net::http1::HeadError& error) override;

 private:
  Task<void> answer(net::HttpExchange& exchange);
  bool is_welcome(const net::HttpExchange& exchange) const;

  const Options& options_;
  std::atomic<std::uint64_t>& seed_;
  providers::simulator::Simulator simulator_;
};

}  // namespace sluice::cli
