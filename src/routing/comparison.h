// Two answers to one request: its caller's, and the one that a shadow gave to a copy of it. What is
// kept of them are figures, never words.
#pragma once

#include "sluice/account.h"
#include "sluice/reply.h"

#include "ledger/prices.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {
class Snapshot;
}

namespace sluice::routing {

// What an answer is made of.
class Shape {
 public:
  void add(std::span<const Event> events);

  std::uint64_t text_bytes() const { return text_bytes_; }
  std::size_t tool_calls() const { return tools_.size(); }
  // The same names as often, in whatever order.
  bool has_tools_of(const Shape& other) const;
  std::string finishes() const;  // "stop"; of several choices "length,stop"

 private:
  void add_call(const ToolCallDelta& delta);

  std::uint64_t text_bytes_ = 0;
  std::vector<std::uint64_t> tools_;  // Hashes of names.
  std::vector<std::uint32_t> calls_;  // Of each choice.
  std::vector<FinishReason> finishes_;
};

struct Figures {
  std::string target;  // PROVIDER/MODEL
  Outcome outcome = Outcome::Unfinished;
  int status = 0;
  Duration first_content{};  // Since it was begun to be asked, like the total.
  Duration total{};
  Usage usage;
  bool exact = false;  // The usage is the provider's own.
  std::optional<ledger::Cost> cost;
  Shape shape;
};

// Nothing where nothing was told or generated; a token is about four bytes.
Usage usage_of(const Attempt& attempt, std::uint64_t prompt_bytes);
// Nothing: its price is not known.
std::optional<ledger::Cost> cost_of(const config::Snapshot& snapshot, const Attempt& attempt,
                                    const Usage& usage, std::chrono::system_clock::time_point now);
Figures figures_of(const config::Snapshot& snapshot, const Account& account, const Attempt& attempt,
                   const Clock& clock);

// Shared by the two answers: when both are over, it is written to the log what they were like.
class Comparison {
 public:
  Comparison(std::string_view id, std::string_view model, bool stream)
      : id_(id), model_(model), stream_(stream) {}
  Comparison(const Comparison&) = delete;
  Comparison& operator=(const Comparison&) = delete;
  ~Comparison();

  void tell_primary(Figures figures) { primary_ = std::move(figures); }
  void tell_shadow(Figures figures) { shadow_ = std::move(figures); }

 private:
  void write_both(const Figures& primary, const Figures& shadow) const;
  void write_failure(const Figures& primary, const Figures& shadow) const;

  std::string id_;
  std::string model_;  // As it was asked for.
  bool stream_;
  std::optional<Figures> primary_;
  std::optional<Figures> shadow_;
};

}  // namespace sluice::routing
