#include "config/planned.h"
#include "config/tables.h"
#include "config/types.h"

#include <array>

namespace sluice::config {
namespace {

constexpr Whole<std::uint32_t> kVersion{"1, the version of this format", 1, 1};

constexpr std::array kFields = {
    field<&Config::version>("version", kVersion, "the version of this format"),
    field<&Config::server>("server", kServerSection,
                           "where clients are served, and how much of it"),
    field<&Config::admin>("admin", kAdminSection,
                          "/metrics, /livez, /readyz and /admin/v1/*, for operators"),
    not_yet("storage", kStorageSection, "where keys, usage and shared counters are kept"),
    not_yet("catalogues", kPathsType,
            "folders of provider catalogues that add to or override the built-in ones"),
    field<&Config::providers>("providers", kProvidersType,
                              "who can answer, by name; \"prompt\" is a reserved name"),
    field<&Config::models>("models", kModelsType, "what clients may ask for, by name"),
    not_yet("prices", kPathType, "prices per million tokens, over the built-in table"),
    not_yet("unknown_price", kUnknownPriceType, "what a model without a price means"),
    field<&Config::auth>("auth", kAuthSection, "who may ask"),
    not_yet("teams", kTeamsType, "groups of keys with limits and budgets"),
    not_yet("limits", kLimitsSection, "limits for everyone together"),
    not_yet("cache", kCacheSection, "answers that are given again"),
    not_yet("redaction", kRedactionSection, "what is taken out of requests and answers"),
    not_yet("guardrails", kGuardrailsType, "checks of requests and answers"),
    not_yet("prompts", kPromptsSection, "a repository of versioned prompts"),
    field<&Config::telemetry>("telemetry", kTelemetrySection, "logs, metrics and traces"),
};

}  // namespace

constexpr Section<Config> kConfigSection{kFields};

std::span<const Field> config_fields() {
  return kFields;
}

}  // namespace sluice::config
