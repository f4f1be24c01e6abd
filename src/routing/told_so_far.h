// What the caller was told of an answer until now: whether, and from where, another may go on.
#pragma once

#include "sluice/reply.h"

#include <string>

namespace sluice::routing {

class ToldSoFar {
 public:
  void add(const Event& event);

  bool nothing() const { return !started_content_; }
  // All of it is one text: what another says next can stand behind it. Not so within a tool's call,
  // or behind thoughts that only their maker can read.
  bool is_plain_text() const { return plain_ && !stopped_; }
  bool started() const { return started_; }  // The answer has an id.
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  bool started_ = false;
  bool started_content_ = false;
  bool plain_ = true;
  bool stopped_ = false;
};

}  // namespace sluice::routing
