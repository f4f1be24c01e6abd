// What an expression is compiled to: steps that work on a short stack of values.
#pragma once

#include "config/expression.h"
#include "config/expression_pattern.h"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

enum class Op : std::uint8_t {
  // Put a value on the stack.
  Truth,       // The operand itself, 0 or 1
  Number,      // numbers[operand]
  Text,        // texts[operand]
  LoadBool,    // The name that the operand stands for
  LoadNumber,  // Likewise
  LoadText,    // Likewise
  LoadTag,     // The tag called texts[operand]
  LoadHeader,  // The header called texts[operand]
  // Change the value on top.
  Not,
  Negate,
  Match,     // Against patterns[operand]
  NoMember,  // Of all items, none was equal: false
  // Take a value off; what is below it changes to the result.
  Equal,
  NotEqual,
  Less,
  LessOrEqual,
  Greater,
  GreaterOrEqual,
  Add,
  Subtract,
  Multiply,
  Divide,
  Remainder,
  // Go on at the operand, which is further on, or take a value off and go on here.
  JumpIfFalse,
  JumpIfTrue,
  JumpIfMember,  // If the two values on top are equal, which leaves true in their place.
};

struct Instruction {
  Op op;
  std::uint16_t operand;
};

struct ExpressionProgram {
  static constexpr std::size_t kMostInstructions = 1024;
  static constexpr std::size_t kMostHeight = 32;

  // Only of a program that ProgramWriter calls whole().
  Value run(ExpressionInputs& inputs) const noexcept;

  std::string text;
  std::vector<Instruction> code;
  std::vector<double> numbers;
  std::vector<std::string> texts;
  std::vector<TextPattern> patterns;
  std::bitset<kNames> names;
};

// Writes a program step by step and keeps count of how high the stack becomes.
class ProgramWriter {
 public:
  explicit ProgramWriter(std::string_view text) { program_.text = text; }

  void truth(bool value) { put(Op::Truth, value ? 1 : 0); }
  void number(double value);
  void text(std::string_view value) { put(Op::Text, keep(value)); }
  void name(Name name);
  void tag(std::string_view name) { put(Op::LoadTag, keep(name)); }
  void header(std::string_view lower_case_name) { put(Op::LoadHeader, keep(lower_case_name)); }

  void match(std::string_view pattern);
  void apply(Op op) { put(op, 0); }

  // The step to give to land(), which makes it go to the step that is written next.
  std::size_t jump(Op op);
  void land(std::size_t jump);

  // Neither too long nor too high so far.
  bool fits() const;

  ExpressionProgram take() && { return std::move(program_); }

 private:
  void put(Op op, std::size_t operand);
  std::size_t keep(std::string_view text);

  ExpressionProgram program_;
  std::size_t height_ = 0;
  std::size_t highest_ = 0;
};

}  // namespace sluice::config
