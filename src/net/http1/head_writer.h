// Writes a head into a buffer that the caller brings. Nothing that it is given can end a line: a
// field with a line end or another control byte is left out and said.
#pragma once

#include "net/http1/grammar.h"
#include "net/http1/header_id.h"
#include "net/http1/method.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sluice::net::http1 {

// "OK" for 200; "Unknown" for what has no name.
std::string_view reason_phrase(int status);

class HeadWriter {
 public:
  explicit HeadWriter(std::span<char> buffer)
      : begin_(buffer.data()), at_(buffer.data()), end_(buffer.data() + buffer.size()) {}

  void status_line(int status);
  void request_line(Method method, std::string_view target);
  void field(std::string_view name, std::string_view value);
  void field(std::string_view name, std::uint64_t value);
  void field(HeaderId id, std::string_view value);
  // The name is one of ours, or was parsed: only the value is looked at.
  void known_field(std::string_view name, std::string_view value);
  // Whole fields that a writer wrote before.
  void lines(std::string_view written) { append(written, {}, {}, {}); }
  void field(HeaderId id, std::uint64_t value);
  void end();  // The blank line.

  std::string_view view() const { return {begin_, at_}; }
  // It did not fit: the view is cut off at a whole line and must not be sent.
  bool overflow() const { return overflow_; }
  // Something was left out because it could not be written safely. A head that lacks its first line
  // for that reason must not be sent.
  bool refused() const { return refused_; }

 private:
  void append(std::string_view a, std::string_view b, std::string_view c, std::string_view d);

  char* begin_;
  char* at_;
  char* end_;
  bool overflow_ = false;
  bool refused_ = false;
};

}  // namespace sluice::net::http1
