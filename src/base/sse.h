// Server-sent events: a byte stream cut into frames, without copying.
//
//   stream  = [ BOM ] *( *line blank-line )
//   line    = ":" comment / name [ ":" [ " " ] value ], ended by LF, CRLF or CR
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::sse {

// One frame as views into the input of the splitter that found it.
class Frame {
 public:
  // Everything since the frame before, with the blank line that ends it.
  std::string_view raw() const { return raw_; }
  // May be relayed as it came: nothing but `data:` and one `event:`, lines ended by LF or CRLF.
  bool clean() const { return clean_; }
  bool has_data() const { return data_lines_ != 0; }

  std::string_view event() const { return event_; }
  // The lines of data joined by LF; a view into the input where there is only one, as in most
  // frames, else into the scratch.
  std::string_view data(std::string& scratch) const;

  // The same event in the plainest spelling; nothing at all where there is no data.
  void append_clean(std::string& out) const;

 private:
  friend class Splitter;

  std::string_view raw_;
  std::string_view event_;
  std::string_view data_;  // The first line of it.
  std::size_t data_lines_ = 0;
  bool clean_ = false;
};

// Remembers how far it has looked, so that a frame which drips in costs no more than one that comes
// whole. What is not taken off the input must be passed again, with more bytes behind it; it may
// have moved.
class Splitter {
 public:
  enum class Step : std::uint8_t { Frame, NeedMore, TooLarge };

  explicit Splitter(std::size_t max_event) : max_event_(max_event) {}

  // Takes the next whole frame off the front of the input.
  Step next(std::string_view& input, Frame& frame);

  // At the end of the stream, with the tail that next() left: whether it holds something, a frame
  // that lacks its end. It is never clean.
  bool finish(std::string_view tail, Frame& frame);

 private:
  bool skip_mark(std::string_view input);
  void take_line(std::string_view line, std::size_t at);
  void fill(std::string_view raw, Frame& frame) const;
  void reset();

  // A piece of the frame by its place, because the bytes may move between two calls.
  struct Span {
    std::size_t at = 0;
    std::size_t size = 0;
    std::string_view of(std::string_view text) const { return {text.data() + at, size}; }
  };

  std::size_t max_event_;
  std::size_t scanned_ = 0;
  std::size_t line_ = 0;  // Where the current line begins.
  Span event_;
  Span data_;
  std::size_t data_lines_ = 0;
  bool first_ = true;   // Only the stream's first bytes can be a byte order mark.
  bool begun_ = false;  // A line that is not blank was seen.
  bool clean_ = true;
  bool has_event_ = false;
  bool bare_return_ = false;  // The line before ended with CR alone.
  bool too_large_ = false;
};

// Writes one frame. Line ends within the data begin a new `data:` line, so nothing in it can end
// the frame; an event name with a line end is left out.
void append_frame(std::string& out, std::string_view event, std::string_view data);

}  // namespace sluice::sse
