// What is known of one target while the process runs: shared by all threads, kept over reloads.
#pragma once

#include "routing/breaker.h"
#include "routing/bulkhead.h"
#include "routing/latency.h"
#include "routing/retry_budget.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace sluice::routing {

struct TargetState {
  TargetState(std::string its_name, const config::BreakerSettings& settings,
              std::optional<std::uint64_t> concurrent = std::nullopt)
      : name(std::move(its_name)), breaker(settings), bulkhead(concurrent) {}

  void apply(const config::BreakerSettings& settings, std::optional<std::uint64_t> concurrent);

  const std::string name;  // "provider/model"
  Breaker breaker;
  Latency latency;
  Bulkhead bulkhead;  // Lets everyone in where no limit is configured.

  // Changed with every try.
  alignas(64) std::atomic<std::uint32_t> busy = 0;  // Tries that have begun and not ended.
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> successes = 0;
  std::atomic<std::uint64_t> failures = 0;
  std::atomic<std::uint64_t> tokens = 0;  // Of output.
  RetryBudget retries;
};

// One try of a target, from before it is sent until its answer has ended. It is told once how the
// target did; one that is not told says nothing of it: the caller left.
class Engagement {
 public:
  Engagement() = default;
  // `claim` may be a refused one, where nothing better was left.
  Engagement(std::shared_ptr<TargetState> target, Breaker::Claim claim, Bulkhead::Slot slot = {});
  Engagement(Engagement&& other) noexcept = default;
  Engagement& operator=(Engagement&& other) noexcept;
  ~Engagement() { end(); }

  explicit operator bool() const { return target_ != nullptr; }
  const std::shared_ptr<TargetState>& target() const { return target_; }

  // Places that are given back with it: in the target's own bulkhead, and in its provider's.
  void hold_own(Bulkhead::Slot slot) { slot_ = std::move(slot); }
  void hold_providers(Bulkhead::Slot slot) { providers_slot_ = std::move(slot); }
  // It is not the request's first try: should it fail, the target's budget pays.
  void second(bool is = true) { second_ = is; }

  // What was told first holds.
  void answered(Instant now);
  void failed(Instant now, std::uint64_t dice);
  // It would not: the request, the key or the rate was at fault. Says nothing of its health, but a
  // second try was made in vain.
  void refused(Instant now);
  void neutral();
  bool is_told() const { return told_; }

  void first_token(Duration took, Instant now);
  void finished(std::uint64_t output_tokens, Duration took, Instant now);

 private:
  bool tell();  // For the first time.
  void end();

  std::shared_ptr<TargetState> target_;
  Bulkhead::Slot slot_;  // Before its target goes.
  Bulkhead::Slot providers_slot_;
  Breaker::Claim claim_;
  bool second_ = false;
  bool told_ = false;
};

}  // namespace sluice::routing
