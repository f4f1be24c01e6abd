// application/vnd.amazon.eventstream: a byte stream cut into messages, without copying.
//
//   message = total:u32 headers:u32 crc:u32 *header payload crc:u32, all big-endian
//   header  = size:u8 name type:u8 value; the type says how long the value is
//
// The first checksum is of the eight bytes before it, the last one of all that comes before it. So
// no length is believed, and no byte read as a header, before a checksum has vouched for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::aws {

enum class HeaderType : std::uint8_t {
  True,
  False,
  Byte,
  Short,
  Integer,
  Long,
  Bytes,
  String,
  Timestamp,  // Milliseconds since 1970, as a Long.
  Uuid,
};

struct Header {
  std::string_view name;
  HeaderType type = HeaderType::String;
  std::string_view value;  // As on the wire, without the length of bytes and strings.
  bool operator==(const Header&) const = default;
};

// Takes the next header off the front; nothing where none begins.
std::optional<Header> take_header(std::string_view& headers);

// One message as views into the input of the splitter that found it.
struct Frame {
  std::string_view raw;
  std::string_view headers;  // For take_header(), which will not fail.
  std::string_view payload;

  // Values of the headers of these names; empty where there is none.
  std::string_view message_type;    // "event", "exception" or "error".
  std::string_view event_type;      // Of an event.
  std::string_view exception_type;  // Of an exception: one that the API declares.
  std::string_view error_code;      // Of an error: one that it does not.
  std::string_view error_message;
  std::string_view content_type;
};

// What is not taken off the input must be passed again, with more bytes behind it; it may have
// moved.
class Splitter {
 public:
  // After TooLarge and Malformed nothing else comes: the place of the next message is not known.
  enum class Step : std::uint8_t { Frame, NeedMore, TooLarge, Malformed };

  explicit Splitter(std::size_t max_message) : max_message_(max_message) {}

  // Takes the next whole message off the front of the input. What is left of the input when the
  // stream ends is a message that was cut off.
  Step next(std::string_view& input, Frame& frame);

 private:
  Step read_prelude(std::string_view input);
  Step end(Step step) { return end_ = step; }

  std::size_t max_message_;
  std::size_t size_ = 0;  // Of the message that has begun; 0 while its prelude is not known.
  std::size_t headers_size_ = 0;
  Step end_ = Step::NeedMore;
};

// Writes one message. A header's name has 1 to 255 bytes; its value the size that its type has, or
// up to 65,535 bytes.
void append_message(std::string& out, std::span<const Header> headers, std::string_view payload);

}  // namespace sluice::aws
