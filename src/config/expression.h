// The small language of `if:`, `class:` and their like (docs/conditions.md): typed when it is
// parsed, without calls or loops, and never at a loss for a result.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::config {

enum class ValueType : std::uint8_t { Bool, Number, Text };

// One of the three, or missing: what a request does not say, and what has no result (1 / 0).
class Value {
 public:
  constexpr Value() = default;  // Missing.
  // The text must live as long as the value, which for inputs is as long as the evaluation.
  // NOLINTBEGIN(google-explicit-constructor): a value is what it holds.
  constexpr Value(std::same_as<bool> auto truth) : kind_(Kind::Bool), held_{.truth = truth} {}
  constexpr Value(double number) : kind_(Kind::Number), held_{.number = number} {}
  constexpr Value(std::string_view text) : kind_(Kind::Text), held_{.text = text} {}
  // NOLINTEND(google-explicit-constructor)

  constexpr bool is_missing() const { return kind_ == Kind::Missing; }
  constexpr bool is_bool() const { return kind_ == Kind::Bool; }
  constexpr bool is_number() const { return kind_ == Kind::Number; }
  constexpr bool is_text() const { return kind_ == Kind::Text; }

  // Of another type: false, nothing, and no text.
  constexpr bool truth() const { return is_bool() && held_.truth; }
  constexpr std::optional<double> number() const {
    return is_number() ? std::optional(held_.number) : std::nullopt;
  }
  constexpr std::string_view text() const { return is_text() ? held_.text : std::string_view(); }

  // Missing equals missing here; in the language nothing does.
  friend constexpr bool operator==(const Value& one, const Value& other) {
    if (one.kind_ != other.kind_) return false;
    switch (one.kind_) {
      case Kind::Bool:
        return one.held_.truth == other.held_.truth;
      case Kind::Number:
        return one.held_.number == other.held_.number;
      case Kind::Text:
        return one.held_.text == other.held_.text;
      case Kind::Missing:
        return true;
    }
    return false;
  }

 private:
  enum class Kind : std::uint8_t { Missing, Bool, Number, Text };
  Kind kind_ = Kind::Missing;
  union {
    bool truth;
    double number = 0;
    std::string_view text;
  } held_;
};

// What can be asked for, besides tags and headers. Types are in name_type().
enum class Name : std::uint8_t {
  RequestModel,
  RequestOperation,  // chat, embeddings, …
  RequestStream,
  RequestInputTokens,
  RequestMaxTokens,
  RequestTemperature,
  RequestUser,
  NeedsVision,
  NeedsTools,
  NeedsJson,
  NeedsReasoning,
  NeedsAudio,
  NeedsDocuments,
  NeedsVideo,
  NeedsPrefill,
  NeedsParallelTools,
  NeedsLogprobs,
  NeedsChoices,
  NeedsImagesOut,
  NeedsAudioOut,
  PrincipalKey,
  PrincipalUser,
  PrincipalTeam,
  TimeHour,
  TimeMinute,
  TimeWeekday,
  TimeDay,
  TimeMonth,
};
inline constexpr std::size_t kNames = 28;

std::string_view name_text(Name name);  // request.model
ValueType name_type(Name name);

// The value of a `time.` name, in UTC; missing for all others.
Value time_value(Name name, std::chrono::system_clock::time_point now);

// What a condition is asked about. Not const: what is costly is found out when it is asked for.
// A missing text is the empty one, a missing bool is false, and so is a value of another type.
class ExpressionInputs {
 public:
  virtual ~ExpressionInputs() = default;
  virtual Value value(Name name) noexcept = 0;
  virtual std::optional<std::string_view> tag(std::string_view name) noexcept = 0;
  virtual std::optional<std::string_view> header(std::string_view lower_case_name) noexcept = 0;
};

struct ExpressionError {
  std::size_t offset = 0;  // In the text.
  std::string message;
};

struct ExpressionProgram;

// A compiled condition or value. Copies share the program, which never changes; a move is a copy,
// so that none is ever empty.
class Expression {
 public:
  static std::expected<Expression, ExpressionError> parse(std::string_view text, ValueType wanted);

  Expression(const Expression&) = default;
  Expression& operator=(const Expression&) = default;

  // A Bool or a Text when that was wanted; a Number may be missing. Texts live as long as the
  // expression and the inputs.
  Value evaluate(ExpressionInputs& inputs) const noexcept;
  bool holds(ExpressionInputs& inputs) const noexcept { return evaluate(inputs).truth(); }

  std::string_view text() const;
  bool uses(Name name) const;

  bool operator==(const Expression& other) const { return text() == other.text(); }

 private:
  explicit Expression(std::shared_ptr<const ExpressionProgram> program)
      : program_(std::move(program)) {}

  std::shared_ptr<const ExpressionProgram> program_;
};

}  // namespace sluice::config
