// The keys that the file may hold one day: this build checks their shape and refuses them.
#pragma once

#include "config/compound.h"
#include "config/scalar.h"

namespace sluice::config {

extern const Section<Unkept> kStorageSection;
extern const UnkeptMap kTeamsType;
extern const Section<Unkept> kLimitsSection;
extern const Section<Unkept> kCacheSection;
extern const Section<Unkept> kRedactionSection;
extern const UnkeptList kGuardrailsType;
extern const Section<Unkept> kPromptsSection;

extern const Section<Unkept> kGroupCache;
extern const Section<Unkept> kRateLimits;
extern const Section<Unkept> kBudget;
extern const UnkeptList kJwtType;
extern const Section<Unkept> kTraces;
extern const Section<Unkept> kAudit;
extern const UnkeptList kAlerts;

}  // namespace sluice::config
