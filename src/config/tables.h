// The one table of every key. Each part stands in the .cpp of its name; table.cpp joins them.
#pragma once

#include "config/compound.h"
#include "config/config.h"
#include "config/scalar.h"

#include <span>

namespace sluice::config {

extern const Either<DropSettings> kDropType;
extern const Section<ServerSettings> kServerSection;
extern const Section<AdminSettings> kAdminSection;
extern const MapOf<ProviderSettings> kProvidersType;
extern const MapOf<ModelEntry> kModelsType;
extern const MapOf<Tag> kTagsType;
extern const Section<RateLimitSettings> kGrantedLimits;
extern const Section<HealthSettings> kHealthSection;
extern const Section<BreakerSettings> kBreakerSection;
extern const Words<CancelPolicy> kCancelType;
extern const Section<AuthSettings> kAuthSection;
extern const Section<TelemetrySettings> kTelemetrySection;

extern const Section<Config> kConfigSection;
std::span<const Field> config_fields();

}  // namespace sluice::config
