#include "base/sse.h"

#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sluice::sse {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

const char* find_line_end(const char* at, const char* end) {
#if defined(__SSE2__)
  const auto feed = _mm_set1_epi8('\n');
  const auto carriage = _mm_set1_epi8('\r');
  const auto hits = [&](const char* from) {
    const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const auto found = _mm_or_si128(_mm_cmpeq_epi8(bytes, feed), _mm_cmpeq_epi8(bytes, carriage));
    return static_cast<std::uint32_t>(_mm_movemask_epi8(found));
  };
  for (; end - at >= 32; at += 32) {
    const auto found = hits(at) | (hits(at + 16) << 16U);
    if (found != 0) return at + std::countr_zero(found);
  }
#endif
  while (at != end && *at != '\n' && *at != '\r') ++at;
  return at;
}

struct Field {
  std::string_view name;
  std::string_view value;
  bool colon = false;
};

// A line without a colon is a name with an empty value; a comment has an empty name.
Field field_of(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return {line, line.substr(line.size()), false};
  auto value = line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  return {line.substr(0, colon), value, true};
}

std::string_view take_line_off(std::string_view& text) {
  const char* end = text.data() + text.size();
  const char* stop = find_line_end(text.data(), end);
  const std::string_view line(text.data(), stop);
  text.remove_prefix(line.size());
  if (text.starts_with("\r\n")) {
    text.remove_prefix(2);
  } else if (!text.empty()) {
    text.remove_prefix(1);
  }
  return line;
}

}  // namespace

std::string_view Frame::data(std::string& scratch) const {
  if (data_lines_ < 2) return data_;
  scratch.assign(data_);
  const char* after = data_.data() + data_.size();
  std::string_view rest(after, raw_.data() + raw_.size());
  take_line_off(rest);
  while (!rest.empty()) {
    const auto field = field_of(take_line_off(rest));
    if (field.name != "data") continue;
    scratch += '\n';
    scratch += field.value;
  }
  return scratch;
}

void Frame::append_clean(std::string& out) const {
  if (!has_data()) return;
  std::string scratch;
  append_frame(out, event_, data(scratch));
}

// False while it cannot be known whether the stream begins with a byte order mark.
bool Splitter::skip_mark(std::string_view input) {
  if (input.size() < kByteOrderMark.size() && kByteOrderMark.starts_with(input)) return false;
  first_ = false;
  if (input.starts_with(kByteOrderMark)) {
    clean_ = false;
    line_ = kByteOrderMark.size();
    scanned_ = line_;
  }
  return true;
}

Splitter::Step Splitter::next(std::string_view& input, Frame& frame) {
  if (too_large_) return Step::TooLarge;
  const char* const begin = input.data();
  const std::size_t size = input.size();
  while (!first_ || skip_mark(input)) {
    const auto stop =
        static_cast<std::size_t>(find_line_end(begin + scanned_, begin + size) - begin);
    scanned_ = stop;
    if (stop == size) break;

    const bool blank = stop == line_;
    std::size_t next = stop + 1;
    if (begin[stop] == '\r') {
      // After a line that ended with CR alone, a blank line does too: waiting for the line feed
      // that could follow would hold every frame of such a stream back until the next one.
      const bool alone = blank && begun_ && bare_return_;
      if (!alone && next == size) break;
      if (!alone && begin[next] == '\n') {
        ++next;
        bare_return_ = false;
      } else {
        bare_return_ = true;
        clean_ = false;
      }
    } else {
      bare_return_ = false;
    }

    if (blank && begun_) {
      if (next > max_event_) break;
      fill(input.substr(0, next), frame);
      input.remove_prefix(next);
      reset();
      return Step::Frame;
    }
    if (blank) {
      clean_ = false;
    } else {
      take_line({begin + line_, stop - line_}, line_);
    }
    line_ = next;
    scanned_ = next;
  }
  too_large_ = size > max_event_;
  return too_large_ ? Step::TooLarge : Step::NeedMore;
}

bool Splitter::finish(std::string_view tail, Frame& frame) {
  if (too_large_) return false;
  clean_ = false;
  auto line = tail.substr(line_);
  if (line.ends_with('\r')) line.remove_suffix(1);  // Half a CRLF.
  if (!line.empty()) take_line(line, line_);
  if (!begun_) return false;
  fill(tail, frame);
  return true;
}

void Splitter::take_line(std::string_view line, std::size_t at) {
  begun_ = true;
  const auto field = field_of(line);
  if (!field.colon) clean_ = false;
  const Span value{at + static_cast<std::size_t>(field.value.data() - line.data()),
                   field.value.size()};
  if (field.name == "data") {
    if (data_lines_++ == 0) data_ = value;
  } else if (field.name == "event") {
    if (has_event_) clean_ = false;
    has_event_ = true;
    event_ = value;
  } else {
    clean_ = false;
  }
}

void Splitter::fill(std::string_view raw, Frame& frame) const {
  frame.raw_ = raw;
  frame.event_ = event_.of(raw);
  frame.data_ = data_.of(raw);
  frame.data_lines_ = data_lines_;
  frame.clean_ = clean_;
}

void Splitter::reset() {
  scanned_ = 0;
  line_ = 0;
  event_ = {};
  data_ = {};
  data_lines_ = 0;
  begun_ = false;
  clean_ = true;
  has_event_ = false;
  bare_return_ = false;
}

void append_frame(std::string& out, std::string_view event, std::string_view data) {
  if (!event.empty() && event.find_first_of("\r\n") == std::string_view::npos) {
    out += "event: ";
    out += event;
    out += '\n';
  }
  const char* end = data.data() + data.size();
  while (true) {
    const bool last = find_line_end(data.data(), end) == end;
    out += "data: ";
    out += take_line_off(data);
    out += '\n';
    if (last) break;
  }
  out += '\n';
}

}  // namespace sluice::sse
