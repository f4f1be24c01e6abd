#include "config/planned.h"

#include "config/types.h"

#include <array>

namespace sluice::config {
namespace {

// The choices of a key that this build refuses: the word is checked, its meaning comes later.
template <std::size_t N>
consteval std::array<Choice<int>, N> words(const std::string_view (&list)[N]) {
  std::array<Choice<int>, N> choices{};
  for (std::size_t i = 0; i < N; ++i) choices[i] = {list[i], static_cast<int>(i)};
  return choices;
}

constexpr UnkeptList kTexts{"a list of texts", kTextType};
constexpr UnkeptList kPatterns{"a list of model names", kPatternType};

constexpr UnkeptMap kTextsByName{"a mapping to texts", kTextType};

constexpr auto kLostWords = words({"spend_leases", "reject"});
constexpr Words<int> kLost{"spend_leases or reject", kLostWords};
constexpr Scalar<std::string> kDurability{"a duration such as 10ms, or strict", kText, "",
                                          [](const ScalarText& text) -> Parsed<std::string> {
                                            if (text.text != "strict" && !parse_duration(text.text))
                                              return std::unexpected("");
                                            return std::string(text.text);
                                          },
                                          show_text};
constexpr std::array kResponsesFields = {checked("keep", kDurationType)};
constexpr Section<Unkept> kResponses{kResponsesFields};
constexpr std::array kStorageFields = {checked("database", kTextType), checked("shared", kTextType),
                                       checked("lost", kLost), checked("durability", kDurability),
                                       checked("responses", kResponses)};

constexpr std::array kGroupCacheFields = {checked("ttl", kDurationType)};

constexpr std::array kRateFields = {
    checked("requests_per_minute", kCountType), checked("tokens_per_minute", kCountType),
    checked("concurrent", kCountType), checked("burst", kCountType)};
constexpr auto kPeriodWords = words({"hour", "day", "week", "month", "year", "total"});
constexpr Words<int> kPeriod{"hour, day, week, month, year or total", kPeriodWords};
constexpr UnkeptList kRatios{"a list of ratios", kRatioType};
constexpr std::array kBudgetFields = {checked("amount", kMoneyType), checked("per", kPeriod),
                                      checked("alert_at", kRatios), checked("hard", kBooleanType)};

constexpr auto kMayWords = words({"chat", "embeddings", "images", "audio", "files", "raw"});
constexpr Words<int> kMayType{"chat, embeddings, images, audio, files or raw", kMayWords};
constexpr UnkeptList kMay{"a list of operations", kMayType};
constexpr std::array kTeamFields = {checked("parent", kTextType), checked("models", kPatterns),
                                    checked("limits", kRateLimits), checked("budget", kBudget),
                                    checked("may", kMay)};
constexpr Section<Unkept> kTeam{kTeamFields};

constexpr std::array kQueueFields = {checked("wait", kDurationType), checked("length", kCountType)};
constexpr Section<Unkept> kQueue{kQueueFields};
constexpr std::array kLimitsFields = {
    checked("requests_per_minute", kCountType), checked("tokens_per_minute", kCountType),
    checked("concurrent", kCountType), checked("burst", kCountType), checked("queue", kQueue)};

constexpr auto kScopeWords = words({"key", "team", "everyone"});
constexpr Words<int> kScope{"key, team or everyone", kScopeWords};
constexpr std::array kExactFields = {checked("ttl", kDurationType), checked("memory", kSizeType),
                                     checked("scope", kScope)};
constexpr Section<Unkept> kExact{kExactFields};
constexpr std::array kSemanticFields = {
    checked("ttl", kDurationType), checked("embed_with", kTargetType),
    checked("threshold", kRatioType), checked("entries", kCountType), checked("scope", kScope)};
constexpr Section<Unkept> kSemantic{kSemanticFields};
constexpr std::array kCacheFields = {checked("exact", kExact), checked("semantic", kSemantic),
                                     checked("only_if", kTextType)};

constexpr std::array kPatternFields = {checked("name", kTextType), checked("regex", kTextType)};
constexpr Section<Unkept> kPatternSection{kPatternFields};
constexpr UnkeptList kRedactionPatterns{"a list of patterns", kPatternSection};
constexpr std::array kWordFileFields = {checked("file", kPathType)};
constexpr Section<Unkept> kWordFile{kWordFileFields};
constexpr auto kRedactWords = words({"restore", "mask", "hash", "block"});
constexpr Words<int> kRedact{"restore, mask, hash or block", kRedactWords};
constexpr auto kSideWords = words({"request", "response"});
constexpr Words<int> kSide{"request or response", kSideWords};
constexpr UnkeptList kSides{"a list of request and response", kSide};
constexpr auto kFailureWords = words({"block", "allow"});
constexpr Words<int> kFailure{"block or allow", kFailureWords};
constexpr auto kKeptWords = words({"redacted", "full", "none"});
constexpr Words<int> kKept{"redacted, full or none", kKeptWords};
constexpr std::array kRedactionFields = {
    checked("detect", kTexts),   checked("patterns", kRedactionPatterns),
    checked("words", kWordFile), checked("action", kRedact),
    checked("apply_to", kSides), checked("on_failure", kFailure),
    checked("log", kKept)};

constexpr auto kGuardWords = words({"prompt_injection", "words", "model", "http", "json_schema"});
constexpr Words<int> kGuardType{"a type such as words, model or http", kGuardWords};
constexpr auto kOnWords = words({"request", "response", "both"});
constexpr Words<int> kOn{"request, response or both", kOnWords};
constexpr auto kGuardActions = words({"block", "flag", "retry"});
constexpr Words<int> kGuardAction{"block, flag or retry", kGuardActions};
constexpr std::array kGuardFields = {checked("name", kTextType),
                                     checked("type", kGuardType),
                                     checked("on", kOn),
                                     checked("action", kGuardAction),
                                     checked("words", kTexts),
                                     checked("model", kTargetType),
                                     checked("url", kUrlType),
                                     checked("timeout", kDurationType),
                                     checked("when_down", kFailure)};
constexpr Section<Unkept> kGuard{kGuardFields};

constexpr std::array kPromptsFields = {checked("directory", kPathType)};

constexpr std::array kJwtFields = {checked("issuer", kUrlType), checked("jwks", kTextType),
                                   checked("audience", kTextType), checked("claims", kTextsByName)};
constexpr Section<Unkept> kJwt{kJwtFields};

constexpr std::array kTracesFields = {checked("otlp", kUrlType), checked("sample", kRatioType)};
constexpr std::array kExportFields = {checked("to", kTextType), checked("every", kDurationType)};
constexpr Section<Unkept> kExport{kExportFields};
constexpr std::array kAuditFields = {checked("bodies", kKept), checked("keep", kDurationType),
                                     checked("export", kExport)};
constexpr std::array kAlertFields = {checked("when", kTextType), checked("to", kTexts)};
constexpr Section<Unkept> kAlert{kAlertFields};

}  // namespace

constexpr Section<Unkept> kStorageSection{kStorageFields};
constexpr UnkeptMap kTeamsType{"a mapping from names to teams", kTeam};
constexpr Section<Unkept> kLimitsSection{kLimitsFields};
constexpr Section<Unkept> kCacheSection{kCacheFields};
constexpr Section<Unkept> kRedactionSection{kRedactionFields};
constexpr UnkeptList kGuardrailsType{"a list of guardrails", kGuard};
constexpr Section<Unkept> kPromptsSection{kPromptsFields};

constexpr Section<Unkept> kGroupCache{kGroupCacheFields};
constexpr Section<Unkept> kRateLimits{kRateFields};
constexpr Section<Unkept> kBudget{kBudgetFields};
constexpr UnkeptList kJwtType{"a list of issuers", kJwt};
constexpr Section<Unkept> kTraces{kTracesFields};
constexpr Section<Unkept> kAudit{kAuditFields};
constexpr UnkeptList kAlerts{"a list of alerts", kAlert};

}  // namespace sluice::config
