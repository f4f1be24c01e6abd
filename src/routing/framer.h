// Cuts a provider's stream into frames, whichever of the ways of framing it uses.
#pragma once

#include "sluice/upstream.h"

#include "base/aws_event_stream.h"
#include "base/sse.h"

#include <string>
#include <string_view>
#include <variant>

namespace sluice::routing {

// Views into the input of the framer, or its own; until its next next().
struct Frame {
  std::string_view raw;    // With its end.
  std::string_view event;  // Its name. Of Amazon's exceptions: "exception:" and theirs.
  std::string_view data;
  bool has_data = false;
  bool clean = true;  // May be relayed as it came.
};

// What is not taken off the input must be passed again, with more bytes behind it; it may have
// moved.
class Framer {
 public:
  enum class Step : std::uint8_t { Frame, NeedMore, TooLarge, Malformed };

  Framer(Framing framing, std::size_t max_frame);

  // Takes the next whole frame off the front of the input.
  Step next(std::string_view& input, Frame& frame);
  // At the end of the stream: whether the tail holds a frame that lacks its end.
  bool finish(std::string_view tail, Frame& frame);
  // Of a frame that is not clean: the same in the plainest spelling.
  void append_clean(std::string& out) const { sse_frame_.append_clean(out); }

 private:
  // A JSON text per line.
  struct Lines {
    std::size_t max;
    std::size_t scanned = 0;
  };

  Step next_event(sse::Splitter& splitter, std::string_view& input, Frame& frame);
  Step next_message(aws::Splitter& splitter, std::string_view& input, Frame& frame);
  Step next_line(Lines& lines, std::string_view& input, Frame& frame);
  void fill(Frame& frame);

  std::variant<sse::Splitter, aws::Splitter, Lines> splitter_;
  sse::Frame sse_frame_;
  std::string scratch_;
  std::string name_;
};

}  // namespace sluice::routing
