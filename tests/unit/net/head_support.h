// Heads for tests: the good ones to begin with and the verdict on a text.
#pragma once

#include "net/http1/head.h"

#include <ostream>
#include <string>
#include <string_view>

namespace sluice::net::http1 {

// What the parser says of a text; the status is 0 where it is not refused.
struct Verdict {
  HeadState state = HeadState::Incomplete;
  HeadError error;
  int status() const { return state == HeadState::Failed ? error.status : 0; }
};

inline Verdict judge_request(std::string_view text, const HeadLimits& limits = {}) {
  Verdict verdict;
  RequestHead head;
  std::size_t scanned = 0;
  verdict.state = parse_request_head(text, limits, head, verdict.error, scanned);
  return verdict;
}

inline Verdict judge_response(std::string_view text, const HeadLimits& limits = {}) {
  Verdict verdict;
  ResponseHead head;
  std::size_t scanned = 0;
  verdict.state = parse_response_head(text, limits, head, verdict.error, scanned);
  return verdict;
}

// A whole request with these field lines besides Host.
inline std::string post_with(std::string_view lines) {
  return "POST /v1/messages HTTP/1.1\r\nHost: gateway\r\n" + std::string(lines) + "\r\n";
}
inline std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: gateway\r\n\r\n";
}
inline std::string answer_with(std::string_view lines) {
  return "HTTP/1.1 200 OK\r\n" + std::string(lines) + "\r\n";
}

inline int refusal_of(std::string_view text) {
  return judge_request(text).status();
}

inline std::ostream& operator<<(std::ostream& out, HeadState state) {
  constexpr std::string_view kNames[] = {"Incomplete", "Complete", "Failed"};
  return out << kNames[static_cast<int>(state)];
}

}  // namespace sluice::net::http1
