// What a provider grants, and when it is left in peace.
#include "config/tables.h"
#include "config/types.h"

#include <array>

namespace sluice::config {
namespace {

constexpr MaybeOf<std::uint64_t> kMaybeCount{kCountType};
constexpr std::array kLimitFields = {
    field<&RateLimitSettings::requests_per_minute>("requests_per_minute", kMaybeCount,
                                                   "requests that are begun"),
    field<&RateLimitSettings::tokens_per_minute>("tokens_per_minute", kMaybeCount,
                                                 "tokens of prompts and answers"),
    field<&RateLimitSettings::concurrent>("concurrent", kMaybeCount, "requests at once"),
    not_yet("burst", kCountType, "how far a moment may go over the rate"),
};

constexpr std::array kProbes = {Choice<Probe>{"none", Probe::None},
                                Choice<Probe>{"models", Probe::Models},
                                Choice<Probe>{"tcp", Probe::Tcp}};
constexpr Words<Probe> kProbeType{"none, models or tcp", kProbes};
constexpr std::array kHealthFields = {
    field<&HealthSettings::probe>(
        "probe", kProbeType,
        "none, models (asks for the list of models) or tcp (connects); none spends tokens"),
    field<&HealthSettings::every>("every", kDurationType, "the time between two probes"),
};

constexpr std::array kBreakerFields = {
    field<&BreakerSettings::consecutive>("consecutive", kCountType, "failures one after another"),
    field<&BreakerSettings::ratio>("ratio", kRatioType, "share of failures"),
    field<&BreakerSettings::of_at_least>("of_at_least", kCountType,
                                         "requests before the share counts"),
    field<&BreakerSettings::window>("window", kDurationType, "time over which the share is taken"),
    field<&BreakerSettings::rest>("rest", kDurationType, "how long the target is left in peace"),
    field<&BreakerSettings::slow_start>("slow_start", kDurationOrZeroType,
                                        "how long it takes back to its full share"),
};
void settle_breaker(Reader& reader, const Node& node, BreakerSettings& breaker) {
  if (breaker.ratio > 0) return;
  const Node* ratio = node.find("ratio");
  const Reader::Step step(reader, "ratio");
  reader.error(ratio ? *ratio : node, "expected a ratio above zero");
}

constexpr std::array kCancels = {Choice<CancelPolicy>{"auto", CancelPolicy::Auto},
                                 Choice<CancelPolicy>{"cancel", CancelPolicy::Cancel},
                                 Choice<CancelPolicy>{"drain", CancelPolicy::Drain}};

}  // namespace

constexpr Section<RateLimitSettings> kGrantedLimits{kLimitFields};
constexpr Section<HealthSettings> kHealthSection{kHealthFields};
constexpr Section<BreakerSettings> kBreakerSection{kBreakerFields, settle_breaker};
constexpr Words<CancelPolicy> kCancelType{"auto, cancel or drain", kCancels};

}  // namespace sluice::config
