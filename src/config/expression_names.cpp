#include "config/expression_names.h"

#include "sluice/operation.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <vector>

namespace sluice::config {
namespace {

struct Row {
  Name name;
  std::string_view text;
  ValueType type;
};

constexpr std::array<Row, kNames> kRows{{
    {Name::RequestModel, "request.model", ValueType::Text},
    {Name::RequestOperation, "request.operation", ValueType::Text},
    {Name::RequestStream, "request.stream", ValueType::Bool},
    {Name::RequestInputTokens, "request.input_tokens", ValueType::Number},
    {Name::RequestMaxTokens, "request.max_tokens", ValueType::Number},
    {Name::RequestTemperature, "request.temperature", ValueType::Number},
    {Name::RequestUser, "request.user", ValueType::Text},
    {Name::NeedsVision, "request.needs.vision", ValueType::Bool},
    {Name::NeedsTools, "request.needs.tools", ValueType::Bool},
    {Name::NeedsJson, "request.needs.json", ValueType::Bool},
    {Name::NeedsReasoning, "request.needs.reasoning", ValueType::Bool},
    {Name::NeedsAudio, "request.needs.audio", ValueType::Bool},
    {Name::NeedsDocuments, "request.needs.documents", ValueType::Bool},
    {Name::NeedsVideo, "request.needs.video", ValueType::Bool},
    {Name::NeedsPrefill, "request.needs.prefill", ValueType::Bool},
    {Name::NeedsParallelTools, "request.needs.parallel_tools", ValueType::Bool},
    {Name::NeedsLogprobs, "request.needs.logprobs", ValueType::Bool},
    {Name::NeedsChoices, "request.needs.choices", ValueType::Bool},
    {Name::NeedsImagesOut, "request.needs.images_out", ValueType::Bool},
    {Name::NeedsAudioOut, "request.needs.audio_out", ValueType::Bool},
    {Name::PrincipalKey, "principal.key", ValueType::Text},
    {Name::PrincipalUser, "principal.user", ValueType::Text},
    {Name::PrincipalTeam, "principal.team", ValueType::Text},
    {Name::TimeHour, "time.hour", ValueType::Number},
    {Name::TimeMinute, "time.minute", ValueType::Number},
    {Name::TimeWeekday, "time.weekday", ValueType::Text},
    {Name::TimeDay, "time.day", ValueType::Number},
    {Name::TimeMonth, "time.month", ValueType::Number},
}};

consteval bool in_order() {
  for (std::size_t at = 0; at < kRows.size(); ++at) {
    if (kRows[at].name != static_cast<Name>(at)) return false;
  }
  return true;
}
static_assert(in_order());

constexpr const Row& row(Name name) {
  return kRows[static_cast<std::size_t>(name)];
}

constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed",
                                                    "thu", "fri", "sat"};

consteval std::array<std::string_view, kOperations> operation_words() {
  std::array<std::string_view, kOperations> words;
  std::ranges::transform(kOperationTable, words.begin(), &OperationTraits::name);
  return words;
}
constexpr auto kOperationWords = operation_words();

constexpr std::size_t kLongestShown = 48;

// `vision` and `request.vision` of request.needs.vision.
std::vector<std::string_view> with_the_same_end(std::string_view written) {
  const std::string_view end = written.substr(written.rfind('.') + 1);
  std::vector<std::string_view> found;
  for (const Row& each : kRows) {
    if (!end.empty() && each.text.substr(each.text.rfind('.') + 1) == end) {
      found.push_back(each.text);
    }
  }
  return found;
}

}  // namespace

std::string_view name_text(Name name) {
  return row(name).text;
}

ValueType name_type(Name name) {
  return row(name).type;
}

std::optional<Name> find_name(std::string_view written) {
  const auto* found = std::ranges::find(kRows, written, &Row::text);
  if (found == kRows.end()) return std::nullopt;
  return found->name;
}

std::span<const std::string_view> name_words(Name name) {
  if (name == Name::TimeWeekday) return kWeekdays;
  if (name == Name::RequestOperation) return kOperationWords;
  return {};
}

std::string do_you_mean(std::span<const std::string_view> suggestions) {
  std::string message;
  for (const std::string_view suggestion : suggestions) {
    message.append(message.empty() ? "; do you mean " : " or ").append(suggestion);
  }
  if (!message.empty()) message += '?';
  return message;
}

std::string shown(std::string_view piece) {
  std::string text;
  for (std::size_t at = 0; at < piece.size();) {
    if (text.size() >= kLongestShown) return text + "…";
    const std::size_t size = text::utf8_sequence(piece, at);
    const bool printable = size > 1 || (size == 1 && piece[at] >= ' ' && piece[at] != '\x7f');
    text.append(printable ? piece.substr(at, size) : "?");
    at += std::max<std::size_t>(1, size);
  }
  return text;
}

std::string unknown_name(std::string_view written) {
  std::string message = "there is no name " + shown(written);
  const auto same_end = with_the_same_end(written);
  if (!same_end.empty()) return message + do_you_mean(same_end);

  std::vector<std::string_view> names(kNames);
  std::ranges::transform(kRows, names.begin(), &Row::text);
  // With the writer's own word for the tag or header.
  const std::string own(written.substr(written.rfind('.') + 1));
  const std::string tag = std::string(kTags) + '.' + own;
  const std::string header = std::string(kHeaders) + '.' + own;
  if (own.size() < written.size() && !own.empty()) names.insert(names.end(), {tag, header});
  const auto near = text::nearest(written, names, 1);
  if (!near.empty()) return message + do_you_mean(near);

  message += "; names begin with request., principal. or time.";
  if (!written.contains('.')) message += ", and a text has quotes: '" + shown(written) + "'";
  return message;
}

Value time_value(Name name, std::chrono::system_clock::time_point now) {
  using std::chrono::floor;
  const auto day = floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(floor<std::chrono::minutes>(now - day));
  switch (name) {
    case Name::TimeHour:
      return static_cast<double>(time.hours().count());
    case Name::TimeMinute:
      return static_cast<double>(time.minutes().count());
    case Name::TimeWeekday:
      return kWeekdays[std::chrono::weekday(day).c_encoding()];
    case Name::TimeDay:
      return static_cast<double>(static_cast<unsigned>(date.day()));
    case Name::TimeMonth:
      return static_cast<double>(static_cast<unsigned>(date.month()));
    default:
      return {};
  }
}

}  // namespace sluice::config
