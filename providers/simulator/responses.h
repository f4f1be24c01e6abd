// The parts of an answer in the Responses dialect.
#pragma once

#include "providers/simulator/answer.h"
#include "providers/simulator/identity.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::providers::simulator {

// Everything that the object and the events of one answer are written from.
struct ResponseSheet {
  Identity identity;
  Answer answer;
  std::optional<Usage> usage;  // None: not told.
  std::string settings;        // From repeated_settings().

  // The contents of "response": status and, when it is complete, the output.
  void append_object(std::string& out, std::string_view status,
                     std::string_view error_object = {}) const;
  void append_output(std::string& out) const;
  std::string_view final_status() const { return answer.shortened() ? "incomplete" : "completed"; }

  void append_reasoning_item(std::string& out, std::size_t item, bool complete) const;
  void append_message_item(std::string& out, std::size_t item, bool complete) const;
  void append_call_item(std::string& out, std::size_t item, std::size_t call, bool complete) const;
  void append_part(std::string& out, std::string_view text) const;

  bool has_reasoning() const { return answer.reasoning.pieces() > 0; }
  bool has_message() const { return answer.text.pieces() > 0; }
};

// The fields that the object repeats from the request; empty when it has none of its own.
std::string repeated_settings(const json::Value& root);

std::string text_of(const Content& content);

}  // namespace sluice::providers::simulator
