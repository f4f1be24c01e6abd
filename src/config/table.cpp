#include "config/planned.h"
#include "config/tables.h"
#include "config/types.h"

#include <array>

namespace sluice::config {
namespace {

constexpr Whole<std::uint32_t> kVersion{"1, the version of this format", 1, 1};

constexpr ListOf<std::string> kFolders{"a list of folders", kPathType};
constexpr MaybeOf<std::string> kPricesPath{kPathType};
constexpr std::array kUnknownPrices = {Choice<UnknownPrice>{"estimate", UnknownPrice::Estimate},
                                       Choice<UnknownPrice>{"allow", UnknownPrice::Allow},
                                       Choice<UnknownPrice>{"deny", UnknownPrice::Deny}};
constexpr Words<UnknownPrice> kUnknownPriceType{"estimate, allow or deny", kUnknownPrices};

constexpr std::array kFields = {
    field<&Config::version>("version", kVersion, "the version of this format"),
    field<&Config::server>("server", kServerSection,
                           "where clients are served, and how much of it"),
    field<&Config::admin>("admin", kAdminSection,
                          "/metrics, /livez, /readyz and /admin/v1/*, for operators"),
    not_yet("storage", kStorageSection, "where keys, usage and shared counters are kept"),
    field<&Config::catalogues>(
        "catalogues", kFolders,
        "folders of provider catalogues that add to or override the built-in ones"),
    field<&Config::providers>("providers", kProvidersType,
                              "who can answer, by name; \"prompt\" is a reserved name"),
    field<&Config::models>("models", kModelsType, "what clients may ask for, by name"),
    field<&Config::prices>("prices", kPricesPath,
                           "prices per million tokens, over the built-in table; LiteLLM's price "
                           "file is read too"),
    field<&Config::unknown_price>("unknown_price", kUnknownPriceType,
                                  "a model without a price: estimate (as the dearest of its "
                                  "provider), allow (as nothing) or deny"),
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
