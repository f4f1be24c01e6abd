#include "config/expression_program.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace sluice::config {
namespace {

Value number_or_missing(double number) {
  if (!std::isfinite(number)) return {};
  return number;
}

Value number_or_missing(const Value& value) {
  return number_or_missing(value.number().value_or(std::numeric_limits<double>::quiet_NaN()));
}

Value calculate(Op op, double one, double other) {
  switch (op) {
    case Op::Less:
      return one < other;
    case Op::LessOrEqual:
      return one <= other;
    case Op::Greater:
      return one > other;
    case Op::GreaterOrEqual:
      return one >= other;
    case Op::Add:
      return number_or_missing(one + other);
    case Op::Subtract:
      return number_or_missing(one - other);
    case Op::Multiply:
      return number_or_missing(one * other);
    case Op::Divide:
      return number_or_missing(one / other);
    default:
      return number_or_missing(std::fmod(one, other));
  }
}

// Nothing compares with what is missing, and nothing is made of it.
Value combine(Op op, const Value& one, const Value& other) {
  const bool both = !one.is_missing() && !other.is_missing();
  if (op == Op::Equal) return both && one == other;
  if (op == Op::NotEqual) return both && !(one == other);
  if (!both) return op < Op::Add ? Value(false) : Value();
  return calculate(op, one.number().value_or(0), other.number().value_or(0));
}

Value load(const ExpressionProgram& program, Instruction step, ExpressionInputs& inputs) {
  const auto name = static_cast<Name>(step.operand);
  switch (step.op) {
    case Op::Truth:
      return step.operand != 0;
    case Op::Number:
      return program.numbers[step.operand];
    case Op::Text:
      return std::string_view(program.texts[step.operand]);
    case Op::LoadBool:
      return inputs.value(name).truth();
    case Op::LoadNumber:
      return number_or_missing(inputs.value(name));
    case Op::LoadText:
      return inputs.value(name).text();
    case Op::LoadTag:
      return inputs.tag(program.texts[step.operand]).value_or(std::string_view());
    default:
      return inputs.header(program.texts[step.operand]).value_or(std::string_view());
  }
}

Value change(const ExpressionProgram& program, Instruction step, const Value& value) {
  switch (step.op) {
    case Op::Not:
      return !value.truth();
    case Op::Negate:
      return value.is_missing() ? Value() : Value(-value.number().value_or(0));
    case Op::Match:
      return program.patterns[step.operand].matches(value.text());
    default:  // NoMember
      return false;
  }
}

}  // namespace

Value ExpressionProgram::run(ExpressionInputs& inputs) const noexcept {
  std::array<Value, kMostHeight> stack;
  Value* free = stack.data();
  for (std::size_t at = 0; at < code.size();) {
    const Instruction step = code[at++];
    if (step.op <= Op::LoadHeader) {
      *free++ = load(*this, step, inputs);
    } else if (step.op <= Op::NoMember) {
      free[-1] = change(*this, step, free[-1]);
    } else if (step.op <= Op::Remainder) {
      --free;
      free[-1] = combine(step.op, free[-1], free[0]);
    } else if (step.op == Op::JumpIfMember) {
      --free;
      if (!combine(Op::Equal, free[-1], free[0]).truth()) continue;
      free[-1] = true;
      at = step.operand;
    } else if (free[-1].truth() == (step.op == Op::JumpIfTrue)) {
      at = step.operand;
    } else {
      --free;
    }
  }
  return stack.front();
}

void ProgramWriter::number(double value) {
  put(Op::Number, program_.numbers.size());
  program_.numbers.push_back(value);
}

void ProgramWriter::name(Name name) {
  program_.names.set(static_cast<std::size_t>(name));
  const auto type = name_type(name);
  const Op op = type == ValueType::Bool     ? Op::LoadBool
                : type == ValueType::Number ? Op::LoadNumber
                                            : Op::LoadText;
  put(op, static_cast<std::size_t>(name));
}

void ProgramWriter::match(std::string_view pattern) {
  put(Op::Match, program_.patterns.size());
  program_.patterns.emplace_back(pattern);
}

std::size_t ProgramWriter::jump(Op op) {
  put(op, 0);
  return program_.code.size() - 1;
}

void ProgramWriter::land(std::size_t jump) {
  program_.code[jump].operand = static_cast<std::uint16_t>(program_.code.size());
}

bool ProgramWriter::fits() const {
  return program_.code.size() <= ExpressionProgram::kMostInstructions &&
         highest_ <= ExpressionProgram::kMostHeight;
}

void ProgramWriter::put(Op op, std::size_t operand) {
  program_.code.push_back({op, static_cast<std::uint16_t>(operand)});
  if (op <= Op::LoadHeader) {
    ++height_;
  } else if (op >= Op::Equal) {
    --height_;
  }
  highest_ = std::max(highest_, height_);
}

std::size_t ProgramWriter::keep(std::string_view text) {
  program_.texts.emplace_back(text);
  return program_.texts.size() - 1;
}

}  // namespace sluice::config
