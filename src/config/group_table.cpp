// `models:` of the file.
#include "config/expression_type.h"
#include "config/group_words.h"
#include "config/json_type.h"
#include "config/planned.h"
#include "config/tables.h"
#include "config/types.h"

#include <algorithm>
#include <array>

namespace sluice::config {
namespace {

constexpr Scalar<std::string> kNameType{"a target PROVIDER/MODEL, or another name of models", kText,
                                        "", parse_text, show_text};
constexpr ListOf<std::string> kNamesType{"a list of targets", kNameType};

constexpr Whole<std::uint32_t> kWeightType{"a weight from 0 to 1000", 0, 1000};
constexpr std::array kTargetFields = {
    field<&TargetSettings::model>("model", kNameType, "PROVIDER/MODEL, or another name of models",
                                  Need::Required),
    field<&TargetSettings::weight>("weight", kWeightType,
                                   "its share of the requests; 0: only where no other is left"),
    field<&TargetSettings::when>("if", kConditionType,
                                 "a condition: only requests for which it holds are sent there"),
    field<&TargetSettings::limits>("limits", kGrantedLimits, "what it is asked at most"),
};
constexpr Section<TargetSettings> kTargetSection{kTargetFields};
constexpr Through<&TargetSettings::model> kTargetName{kNameType};
constexpr Either<TargetSettings> kTargetType{
    "a target PROVIDER/MODEL, another name of models, or { model, … }",
    {.scalar = &kTargetName, .map = &kTargetSection},
    [](const TargetSettings& target) -> const Of<TargetSettings>* {
      const bool plain = target.weight == 1 && !target.when && target.limits == RateLimitSettings();
      if (plain) return &kTargetName;
      return &kTargetSection;
    }};
constexpr ListOf<TargetSettings> kTargetsType{"a list of targets", kTargetType, 1};

constexpr std::array kStrategies = {
    Choice<StrategyKind>{"fallback", StrategyKind::Fallback},
    Choice<StrategyKind>{"weighted", StrategyKind::Weighted},
    Choice<StrategyKind>{"round_robin", StrategyKind::RoundRobin},
    Choice<StrategyKind>{"least_latency", StrategyKind::LeastLatency},
    Choice<StrategyKind>{"least_busy", StrategyKind::LeastBusy},
    Choice<StrategyKind>{"cheapest", StrategyKind::Cheapest},
    Choice<StrategyKind>{"learned", StrategyKind::Learned}};
constexpr Words<StrategyKind> kStrategyType{
    "fallback, weighted, round_robin, least_latency, least_busy, cheapest or learned", kStrategies};

constexpr Whole<std::uint32_t> kAttemptsType{"a number from 1 to 100", 1, 100};
constexpr std::array kRetryFields = {
    field<&RetrySettings::attempts>("attempts", kAttemptsType,
                                    "in all; the outermost group's hold"),
    field<&RetrySettings::on>("on", kRetryOnType, "what a further try may follow"),
    field<&RetrySettings::backoff>("backoff", kDurationOrZeroType,
                                   "before the same target again; doubles with each try"),
    field<&RetrySettings::max_backoff>("max_backoff", kDurationOrZeroType, "at most so long"),
};
constexpr Section<RetrySettings> kRetry{kRetryFields};

constexpr std::array kCommitFields = {
    field<&CommitSettings::wait>("wait", kDurationOrZeroType, "at most so long"),
    field<&CommitSettings::bytes>("bytes", kSizeType, "at most so much of it"),
};
constexpr Section<CommitSettings> kCommit{kCommitFields};

constexpr MaybeOf<Milliseconds> kMaybeDuration{kDurationType};
constexpr std::array kTimeoutFields = {
    field<&GroupTimeouts::request>("request", kMaybeDuration, "all attempts together",
                                   Need::Optional, "that of the server"),
    field<&GroupTimeouts::first_token>("first_token", kMaybeDuration, "until the first content",
                                       Need::Optional, "that of the provider"),
    field<&GroupTimeouts::between_tokens>("between_tokens", kMaybeDuration,
                                          "the longest pause inside an answer", Need::Optional,
                                          "that of the provider"),
};
constexpr Section<GroupTimeouts> kTimeouts{kTimeoutFields};

constexpr std::array kHedgeFields = {
    field<&HedgeSettings::after>("after", kHedgeAfterType,
                                 "a second target is asked when the first is silent for so long: "
                                 "a share of what was seen, or a time"),
    field<&HedgeSettings::at_most>("at_most", kRatioType, "share of requests that may be doubled"),
};
constexpr Section<HedgeSettings> kHedge{kHedgeFields};
constexpr MaybeOf<HedgeSettings> kMaybeHedge{kHedge};
constexpr MaybeOf<StickySettings> kMaybeSticky{kStickyType};

constexpr std::array kWeightFields = {
    field<&LearnedSettings::quality>("quality", kRatioType, "what feedback says of answers"),
    field<&LearnedSettings::cost>("cost", kRatioType, "what they cost"),
    field<&LearnedSettings::latency>("latency", kRatioType, "how long they take"),
};
void settle_weights(Reader& reader, const Node& node, LearnedSettings& learned) {
  if (learned.quality + learned.cost + learned.latency > 0) return;
  reader.error(node, "expected a weight above zero");
}
constexpr Section<LearnedSettings> kWeights{kWeightFields, settle_weights};
constexpr std::array kLearnedFields = {
    field<&LearnedSettings::traffic_class>(
        "class", kTextExpressionType, "kinds of requests that are learned of apart, by a text"),
    field<&LearnedSettings::explore>("explore", kRatioType,
                                     "share of requests that try the others"),
    Field{.name = "weights",
          .doc = "what counts for how much",
          .type = &kWeights,
          .member = [](void* learned) { return learned; }},
};
constexpr Section<LearnedSettings> kLearned{kLearnedFields};

constexpr std::array kShadowFields = {
    field<&ShadowSettings::target>("target", kNameType, "who gets the copies", Need::Required),
    field<&ShadowSettings::sample>("sample", kRatioType, "share of requests that are copied"),
};
constexpr Section<ShadowSettings> kShadow{kShadowFields};
constexpr MaybeOf<ShadowSettings> kMaybeShadow{kShadow};

constexpr std::array<std::string_view, 15> kCallersOwn = {"model",
                                                          "stream",
                                                          "stream_options",
                                                          "messages",
                                                          "input",
                                                          "prompt",
                                                          "contents",
                                                          "system",
                                                          "tools",
                                                          "system_instruction",
                                                          "systemInstruction",
                                                          "instructions",
                                                          "suffix",
                                                          "functions",
                                                          "previous_response_id"};
std::optional<std::string> field_name(Reader& reader, const Node::Entry& entry) {
  if (entry.key.empty()) reader.error(entry.key_at, "expected the name of a field, not nothing");
  if (std::ranges::find(kCallersOwn, entry.key) != kCallersOwn.end())
    reader.error(entry.key_at, "this field is the caller's alone");
  return std::string(entry.key);
}
constexpr Through<&RequestField::json> kFieldValue{kJsonType};
constexpr MapOf<RequestField> kRequestFields{"a mapping from request fields to values", field_name,
                                             kFieldValue};

template <auto Member>
constexpr Field group_field(std::string_view name,
                            const Of<typename MemberPointer<Member>::Value>& type,
                            std::string_view doc, std::string_view default_words = {}) {
  auto made = field<Member>(name, type, doc, Need::Optional, default_words);
  made.member = [](void* entry) -> void* {
    return &(*static_cast<ModelEntry*>(entry)->group.*Member);
  };
  return made;
}

constexpr MaybeOf<std::chrono::year_month_day> kMaybeDate{kDateType};
constexpr std::size_t kOldNameFields = 2;
// Those of an old name stand at the end.
constexpr std::array kEntryFields = {
    group_field<&GroupSettings::strategy>("strategy", kStrategyType, "who of the targets is asked"),
    group_field<&GroupSettings::targets>(
        "targets", kTargetsType,
        "who may be asked; each a target PROVIDER/MODEL or another name (groups nest)",
        "required, but of an old name"),
    group_field<&GroupSettings::on_context_length>(
        "on_context_length", kNamesType,
        "where a request that is too long goes; of the name asked for"),
    group_field<&GroupSettings::on_content_policy>(
        "on_content_policy", kNamesType, "where a refused one goes; of the name asked for"),
    group_field<&GroupSettings::retry>("retry", kRetry, "further tries"),
    group_field<&GroupSettings::commit>("commit", kCommit,
                                        "how long a stream may be held for its first content"),
    group_field<&GroupSettings::timeouts>("timeouts", kTimeouts, "how long each step may take"),
    group_field<&GroupSettings::hedge>("hedge", kMaybeHedge, "present: slow targets get company"),
    group_field<&GroupSettings::resume>(
        "resume", kBooleanType, "a text stream that breaks midway goes on at the next target"),
    group_field<&GroupSettings::sticky>(
        "sticky", kMaybeSticky,
        "whose requests stay with one target: user (the key's user, else x-sluice-user, else the "
        "body's), prompt (same beginning) or header:NAME"),
    group_field<&GroupSettings::learned>("learned", kLearned, "of the strategy learned"),
    group_field<&GroupSettings::shadow>(
        "shadow", kMaybeShadow, "present: copies of requests, whose answers nobody waits for"),
    group_field<&GroupSettings::require>("require", kTagsType,
                                         "tags that a target's provider must have"),
    group_field<&GroupSettings::panic>("panic", kBooleanType,
                                       "all targets resting: try the best rather than refuse"),
    group_field<&GroupSettings::defaults>("defaults", kRequestFields,
                                          "request fields when the client sets none"),
    group_field<&GroupSettings::overrides>("overrides", kRequestFields,
                                           "request fields whatever the client says"),
    not_yet("cache", kGroupCache, "overrides the cache's own settings"),
    field<&ModelEntry::replaced_by>("replaced_by", kNameType,
                                    "an old name: in place of targets, the name that answers now"),
    field<&ModelEntry::sunset>("sunset", kMaybeDate, "the last day of an old name"),
};

// A group or an old name.
class EntryMapping final : public Of<ModelEntry> {
 public:
  void read_value(Reader& reader, const Node& node, ModelEntry& into) const override {
    into.group.emplace();
    read_section(reader, node, kEntryFields, &into, "a mapping");
    if (node.kind != Node::Kind::Map) return;
    const bool old_name = node.find("replaced_by") != nullptr;
    if (old_name) into.group.reset();
    if (!old_name && !node.find("targets")) {
      reader.error(node, "lacks \"targets\", or \"replaced_by\" for an old name");
    }
    refuse_others(reader, node, old_name);
  }
  Shown show_value(const ModelEntry& value, Secrets secrets) const override {
    return show_section(fields(!value.group), &value, secrets);
  }
  Shown show_default() const override {
    ModelEntry entry;
    entry.group.emplace();
    return show_section(kEntryFields, &entry, Secrets::Masked);
  }
  Shape shape() const override {
    return {.kind = Shape::Kind::Section,
            .words = "a mapping",
            .fields = kEntryFields.data(),
            .field_count = kEntryFields.size()};
  }

 private:
  static std::span<const Field> fields(bool old_name) {
    const std::span all(kEntryFields);
    return old_name ? all.last(kOldNameFields) : all.first(all.size() - kOldNameFields);
  }
  // What belongs to the other kind of entry.
  static void refuse_others(Reader& reader, const Node& node, bool old_name) {
    for (const auto& entry : node.entries) {
      if (std::ranges::find(fields(!old_name), entry.key, &Field::name) == fields(!old_name).end())
        continue;
      const Reader::Step step(reader, entry.key);
      reader.error(entry.key_at,
                   old_name ? "means nothing beside replaced_by" : "needs replaced_by beside it");
    }
  }
};
constexpr EntryMapping kEntryMapping;

constexpr Through<&ModelEntry::target> kEntryTarget{kNameType};
constexpr Either<ModelEntry> kEntryType{"a target PROVIDER/MODEL, another name, or a mapping",
                                        {.scalar = &kEntryTarget, .map = &kEntryMapping},
                                        [](const ModelEntry& entry) -> const Of<ModelEntry>* {
                                          if (entry.group || !entry.replaced_by.empty())
                                            return &kEntryMapping;
                                          return &kEntryTarget;
                                        }};

std::optional<std::string> model_name(Reader& reader, const Node::Entry& entry) {
  const auto star = entry.key.find('*');
  const auto not_plain = [](unsigned char c) { return c <= 0x20 || c == 0x7f; };
  if (entry.key.empty() || std::ranges::any_of(entry.key, not_plain)) {
    reader.error(entry.key_at, "expected a name without spaces");
  } else if (star != std::string_view::npos && star + 1 != entry.key.size()) {
    reader.error(entry.key_at, "expected one star at most, at the end of the name");
  } else if (entry.key.starts_with("prompt/")) {
    reader.error(entry.key_at, "names that begin with prompt/ are reserved");
  }
  return std::string(entry.key);
}

}  // namespace

constexpr MapOf<ModelEntry> kModelsType{"a mapping from names to targets", model_name, kEntryType};

}  // namespace sluice::config
