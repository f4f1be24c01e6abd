#include "routing/comparison.h"

#include "base/log.h"
#include "config/snapshot.h"
#include "routing/strategies/stable_hash.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sluice::routing {
namespace {

// A provider could tell any number of them.
constexpr std::size_t kMostChoices = 128;
constexpr std::size_t kMostCalls = 1024;

std::string_view finish_name(FinishReason reason) {
  constexpr std::array<std::string_view, 9> kNames{
      "stop",           "stop_sequence", "length", "context_length", "tool_calls",
      "content_filter", "refusal",       "pause",  "other"};
  return kNames[static_cast<std::size_t>(reason)];
}

// With a tenth of them.
double milliseconds(Duration duration) {
  return std::round(std::chrono::duration<double, std::milli>(duration).count() * 10) / 10;
}

std::string usd(const std::optional<ledger::Cost>& cost) {
  return cost ? ledger::usd_text(*cost) : "unknown";
}

}  // namespace

void Shape::add(std::span<const Event> events) {
  for (const Event& event : events) {
    if (const auto* delta = std::get_if<TextDelta>(&event)) {
      text_bytes_ += delta->text.size();
    } else if (const auto* call = std::get_if<ToolCallDelta>(&event)) {
      add_call(*call);
    } else if (const auto* stopped = std::get_if<ReplyStopped>(&event)) {
      if (finishes_.size() < kMostChoices) finishes_.push_back(stopped->reason);
    }
  }
}

void Shape::add_call(const ToolCallDelta& delta) {
  if (delta.choice >= kMostChoices || tools_.size() >= kMostCalls) return;
  if (calls_.size() <= delta.choice) calls_.resize(delta.choice + std::size_t{1});
  std::uint32_t& known = calls_[delta.choice];
  if (delta.index < known) return;
  known = delta.index + 1;
  const std::uint64_t name = stable_hash(delta.name);
  tools_.insert(std::ranges::upper_bound(tools_, name), name);
}

bool Shape::has_tools_of(const Shape& other) const {
  return tools_ == other.tools_;
}

std::string Shape::finishes() const {
  std::vector<std::string_view> names;
  names.reserve(finishes_.size());
  for (const FinishReason reason : finishes_) names.push_back(finish_name(reason));
  std::ranges::sort(names);
  std::string all;
  for (const std::string_view name : names) {
    if (!all.empty()) all += ',';
    all += name;
  }
  return all;
}

Usage usage_of(const Attempt& attempt, std::uint64_t prompt_bytes) {
  constexpr std::uint64_t kBytesPerToken = 4;
  if (attempt.exact || attempt.generated_bytes == 0) return attempt.usage;
  Usage usage = attempt.usage;
  if (usage.input == 0) usage.input = static_cast<std::int64_t>(prompt_bytes / kBytesPerToken);
  usage.output =
      std::max(usage.output, static_cast<std::int64_t>(attempt.generated_bytes / kBytesPerToken));
  return usage;
}

std::optional<ledger::Cost> cost_of(const config::Snapshot& snapshot, const Attempt& attempt,
                                    const Usage& usage, std::chrono::system_clock::time_point now) {
  const config::ProviderSettings* provider = snapshot.provider(attempt.provider);
  if (!provider) return std::nullopt;
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  const Price* price = snapshot.prices().find(provider->type, attempt.model, second);
  if (!price) return std::nullopt;
  return ledger::cost_of(*price, usage);
}

Figures figures_of(const config::Snapshot& snapshot, const Account& account, const Attempt& attempt,
                   const Clock& clock) {
  Figures figures{.target = std::string(attempt.provider) + "/" + std::string(attempt.model),
                  .outcome = attempt.outcome,
                  .status = attempt.status,
                  .usage = usage_of(attempt, account.prompt_bytes),
                  .exact = attempt.exact,
                  .cost = {},
                  .shape = {}};
  figures.total = (attempt.ended == Instant() ? clock.now() : attempt.ended) - attempt.begun;
  figures.first_content =
      attempt.first_content == Instant() ? figures.total : attempt.first_content - attempt.begun;
  figures.cost = cost_of(snapshot, attempt, figures.usage, clock.wall());
  return figures;
}

Comparison::~Comparison() {
  // Without an answer of its own there is nothing to hold the shadow's against.
  if (!primary_ || !shadow_ || primary_->outcome != Outcome::Answered) return;
  if (shadow_->outcome == Outcome::Answered) {
    write_both(*primary_, *shadow_);
  } else {
    write_failure(*primary_, *shadow_);
  }
}

void Comparison::write_both(const Figures& primary, const Figures& shadow) const {
  const std::string finish = primary.shape.finishes();
  const std::string shadow_finish = shadow.shape.finishes();
  log::info("shadow", "compared",
            {{"id", id_},
             {"model", model_},
             {"stream", stream_},
             {"primary", primary.target},
             {"shadow", shadow.target},
             {"first_content_ms", milliseconds(primary.first_content)},
             {"shadow_first_content_ms", milliseconds(shadow.first_content)},
             {"total_ms", milliseconds(primary.total)},
             {"shadow_total_ms", milliseconds(shadow.total)},
             {"input_tokens", primary.usage.input},
             {"shadow_input_tokens", shadow.usage.input},
             {"output_tokens", primary.usage.output},
             {"shadow_output_tokens", shadow.usage.output},
             {"exact", primary.exact},
             {"shadow_exact", shadow.exact},
             {"cost_usd", usd(primary.cost)},
             {"shadow_cost_usd", usd(shadow.cost)},
             {"finish", finish},
             {"shadow_finish", shadow_finish},
             {"same_finish", finish == shadow_finish},
             {"text_bytes", primary.shape.text_bytes()},
             {"shadow_text_bytes", shadow.shape.text_bytes()},
             {"tool_calls", primary.shape.tool_calls()},
             {"shadow_tool_calls", shadow.shape.tool_calls()},
             {"same_tools", primary.shape.has_tools_of(shadow.shape)}});
}

void Comparison::write_failure(const Figures& primary, const Figures& shadow) const {
  log::info("shadow", "not answered",
            {{"id", id_},
             {"model", model_},
             {"stream", stream_},
             {"primary", primary.target},
             {"shadow", shadow.target},
             {"outcome", outcome_name(shadow.outcome)},
             {"status", shadow.status},
             {"total_ms", milliseconds(primary.total)},
             {"shadow_total_ms", milliseconds(shadow.total)}});
}

}  // namespace sluice::routing
