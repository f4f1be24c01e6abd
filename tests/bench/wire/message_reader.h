// Reads one HTTP/1.1 message after another: just enough of the grammar for a benchmark, whose
// peers all send either content-length or chunks.
#pragma once

#include <strings.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace sluice::bench {

class MessageReader {
 public:
  // Gives the body's bytes to `body` as they come; returns how many bytes belong to this message.
  template <class Body>
  std::size_t feed(std::string_view bytes, Body&& body) {
    std::size_t used = 0;
    while (used < bytes.size() && state_ != State::Done && state_ != State::Broken) {
      used += step(bytes.substr(used), body);
    }
    return used;
  }

  bool done() const { return state_ == State::Done; }
  bool broken() const { return state_ == State::Broken; }
  bool started() const { return state_ != State::Head || !head_.empty(); }
  bool head_done() const { return state_ != State::Head; }
  const std::string& head() const { return head_; }
  int status() const { return head_.size() > 12 ? std::atoi(head_.c_str() + 9) : 0; }

  void reset() {
    state_ = State::Head;
    head_.clear();
    line_.clear();
  }

 private:
  enum class State { Head, Length, ChunkSize, ChunkData, ChunkEnd, Trailer, Done, Broken };

  template <class Body>
  std::size_t step(std::string_view bytes, Body& body) {
    switch (state_) {
      case State::Head:
        return take_head(bytes);
      case State::Length:
      case State::ChunkData: {
        auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
        body(bytes.substr(0, count));
        left_ -= count;
        if (left_ == 0) state_ = state_ == State::Length ? State::Done : State::ChunkEnd;
        return count;
      }
      default:
        return take_line(bytes);
    }
  }

  std::size_t take_head(std::string_view bytes) {
    // The end may lie across two reads: look again from three bytes before the seam.
    std::size_t before = head_.size();
    std::size_t from = before < 3 ? 0 : before - 3;
    head_.append(bytes);
    std::size_t end = head_.find("\r\n\r\n", from);
    if (end == std::string::npos) {
      if (head_.size() > 65536) state_ = State::Broken;
      return bytes.size();
    }
    head_.resize(end + 4);
    read_framing();
    return head_.size() - before;
  }

  void read_framing() {
    left_ = 0;
    state_ = State::Length;
    for (std::size_t at = head_.find('\n') + 1; at < head_.size(); at = head_.find('\n', at) + 1) {
      const char* line = head_.c_str() + at;
      char first = static_cast<char>(*line | 0x20);
      if (first == 'c' && strncasecmp(line, "content-length:", 15) == 0) {
        left_ = std::strtoull(line + 15, nullptr, 10);
      } else if (first == 't' && strncasecmp(line, "transfer-encoding:", 18) == 0) {
        state_ = State::ChunkSize;
      }
    }
    if (state_ == State::Length && left_ == 0) state_ = State::Done;
  }

  std::size_t take_line(std::string_view bytes) {
    std::size_t end = bytes.find('\n');
    std::size_t count = end == std::string_view::npos ? bytes.size() : end + 1;
    line_.append(bytes.substr(0, count));
    if (end == std::string_view::npos) return count;
    if (state_ == State::ChunkSize) {
      char* rest = nullptr;
      left_ = std::strtoull(line_.c_str(), &rest, 16);
      if (rest == line_.c_str()) {
        state_ = State::Broken;
      } else {
        state_ = left_ == 0 ? State::Trailer : State::ChunkData;
      }
    } else if (state_ == State::ChunkEnd) {
      state_ = State::ChunkSize;
    } else if (line_ == "\r\n") {
      state_ = State::Done;
    }
    line_.clear();
    return count;
  }

  State state_ = State::Head;
  std::uint64_t left_ = 0;
  std::string head_;
  std::string line_;
};

}  // namespace sluice::bench
