// The response object: how a stream begins and ends, and what a whole answer is.
#pragma once

#include "sluice/usage.h"

#include "dialect/conversation_dialect.h"

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::dialect::responses {

inline void append_piece(std::string& out, std::string_view piece) {
  out.append(piece);
}
template <std::integral T>
void append_piece(std::string& out, T number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  out.append(digits, end);
}
// Texts and whole numbers, one after the other.
template <class... Pieces>
void append(std::string& out, const Pieces&... pieces) {
  (append_piece(out, pieces), ...);
}

// With its quotes.
void append_quoted(std::string& out, std::string_view text);
// JSON that may be spread over lines, on one: an event's data end with the line.
void append_on_one_line(std::string& out, std::string_view json);

class ResponseObject {
 public:
  explicit ResponseObject(const Shape& shape);

  void started(const ReplyStarted& event);
  void stopped(const ReplyStopped& event, bool refused);
  void told(const Usage& usage) { usage_ = usage; }
  void tier(std::string_view json) { tier_.assign(json); }

  // "completed" or "incomplete".
  std::string_view status() const { return incomplete_.empty() ? "completed" : "incomplete"; }
  // With these items, or as it begins: "in_progress".
  void append_to(std::string& out, std::string_view status,
                 std::span<const std::string> items) const;

 private:
  void append_usage(std::string& out) const;

  std::string id_;
  std::string model_;
  std::int64_t created_;
  std::int64_t now_;
  std::string before_;  // What repeats the request.
  std::string tier_;
  std::string_view incomplete_;
  std::optional<Usage> usage_;
};

}  // namespace sluice::dialect::responses
