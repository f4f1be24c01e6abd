// What to send and when, one step at a time: the pace and the faults of an answer.
#pragma once

#include "providers/simulator/knobs.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::providers::simulator {

enum class Then {
  Continue,  // Ask for the next step.
  Finish,    // The body is complete.
  Cut,       // Close the connection without completing the body.
  Reset,     // Reset it.
  Stall,     // Send nothing more and keep the connection open.
};

struct Step {
  std::chrono::milliseconds wait{0};  // Wait,
  std::string_view bytes{};           // send (valid until the next step; may be empty),
  Then then = Then::Continue;         // and go on or not.
};

enum class EventKind {
  Frame,    // Neither content nor end: a role, an item that begins.
  Content,  // A piece of text, reasoning, refusal or arguments.
  Finish,   // A reason to stop, and usage.
  Done,     // The very last frame, which says nothing.
  End,      // There is no event any more.
};

struct Event {
  EventKind kind = EventKind::End;
  std::string_view bytes;  // Valid until the next event.
};

// A stream in its dialect, without pace or faults.
class Events {
 public:
  virtual ~Events() = default;
  virtual Event next() = 0;
  // The frames with which the stream reports an error; nothing comes after them.
  virtual std::string_view error(std::string_view error_object) = 0;
};

class Script {
 public:
  // A body in one piece that would have been `pieces` content events.
  Script(std::string body, std::size_t pieces, Knobs knobs);
  Script(std::unique_ptr<Events> events, Knobs knobs);

  Step next();  // Not after a step that does not continue.

  // Of the body, where it is announced: also of one that is cut later.
  std::size_t content_length() const { return body_.size(); }

 private:
  Step whole_body();
  Step fault();
  std::chrono::milliseconds pause_before_content();

  Knobs knobs_;
  std::string body_;
  std::unique_ptr<Events> events_;
  std::size_t pieces_ = 0;
  std::size_t seen_ = 0;  // Content events that went out.
  Event pending_;         // Held back while the fault in front of it goes out.
};

// {"message":…,"type":…,"param":…,"code":…}
struct Problem {
  int status = 400;
  std::string message;
  std::string param;
  std::string code;

  std::string object() const;
  std::string body() const;
};

Problem ordered_problem(const Knobs& knobs);

}  // namespace sluice::providers::simulator
