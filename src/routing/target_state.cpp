#include "routing/target_state.h"

namespace sluice::routing {

void TargetState::apply(const config::BreakerSettings& settings,
                        std::optional<std::uint64_t> concurrent) {
  breaker.apply(settings);
  bulkhead.apply(concurrent);
}

Engagement::Engagement(std::shared_ptr<TargetState> target, Breaker::Claim claim,
                       Bulkhead::Slot slot)
    : target_(std::move(target)), slot_(std::move(slot)), claim_(claim) {
  target_->busy.fetch_add(1, std::memory_order_relaxed);
  target_->requests.fetch_add(1, std::memory_order_relaxed);
}

Engagement& Engagement::operator=(Engagement&& other) noexcept {
  if (this == &other) return *this;
  end();
  target_ = std::move(other.target_);
  slot_ = std::move(other.slot_);
  providers_slot_ = std::move(other.providers_slot_);
  claim_ = other.claim_;
  second_ = other.second_;
  told_ = other.told_;
  return *this;
}

bool Engagement::tell() {
  return target_ && !std::exchange(told_, true);
}

void Engagement::answered(Instant now) {
  if (!tell()) return;
  target_->successes.fetch_add(1, std::memory_order_relaxed);
  target_->retries.succeeded(now);
  target_->breaker.succeeded(claim_, now);
}

void Engagement::failed(Instant now, std::uint64_t dice) {
  if (!tell()) return;
  target_->failures.fetch_add(1, std::memory_order_relaxed);
  if (second_) target_->retries.failed(now);
  target_->breaker.failed(claim_, now, dice);
}

void Engagement::refused(Instant now) {
  if (!tell()) return;
  if (second_) target_->retries.failed(now);
  target_->breaker.neutral(claim_);
}

void Engagement::neutral() {
  if (tell()) target_->breaker.neutral(claim_);
}

void Engagement::first_token(Duration took, Instant now) {
  if (target_) target_->latency.first_token(took, now);
}

void Engagement::finished(std::uint64_t output_tokens, Duration took, Instant now) {
  if (!target_) return;
  target_->tokens.fetch_add(output_tokens, std::memory_order_relaxed);
  target_->latency.finished(output_tokens, took, now);
}

void Engagement::end() {
  if (!target_) return;
  neutral();
  target_->busy.fetch_sub(1, std::memory_order_relaxed);
  slot_ = {};
  providers_slot_ = {};
  target_.reset();
}

}  // namespace sluice::routing
