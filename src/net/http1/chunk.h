// Bodies in chunks (RFC 9112, 7.1), without copying.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::net::http1 {

struct ChunkStep {
  enum class Kind : std::uint8_t {
    Data,      // `data` is a piece of the body, a view into the input.
    NeedMore,  // The input is used up.
    End,       // The body is complete; the input is what follows it.
    Error,     // The framing is broken: answer 400 (or 502) and close.
  };
  Kind kind;
  std::string_view data;  // Of an Error: what is wrong, a static text.
};

// Chunk extensions and trailers are checked and dropped. The size of the body is the caller's to
// limit; what is not body is limited here.
class ChunkDecoder {
 public:
  static constexpr std::size_t kMaxLine = 1024;            // A size with its extensions.
  static constexpr std::size_t kMaxExtensions = 8 * 1024;  // All extensions of a body.
  static constexpr std::size_t kMaxTrailers = 8 * 1024;    // All trailers of a body.
  static constexpr std::size_t kMaxSizeDigits = 16;

  // Takes bytes off the front of the input until there is something to say.
  ChunkStep next(std::string_view& input);

  bool done() const { return state_ == State::Done; }

 private:
  enum class State : std::uint8_t {
    Size,
    ExtensionName,
    ExtensionValueStart,
    ExtensionToken,
    ExtensionQuoted,
    ExtensionEscape,
    ExtensionAfterQuoted,
    SizeLineFeed,
    Data,
    DataReturn,
    DataLineFeed,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLineFeed,
    LastLineFeed,
    Done,
    Failed,
  };

  bool take(char byte);
  bool take_size(char byte);
  bool take_extension(char byte);
  bool take_trailer(char byte);
  bool end_of_size_line();
  std::string_view complaint(State state) const;
  void begin_chunk();

  State state_ = State::Size;
  State failed_in_ = State::Size;
  std::uint64_t size_ = 0;  // While a size is read; then what is left of the chunk.
  std::uint32_t digits_ = 0;
  std::uint32_t line_ = 0;        // Bytes of this size line.
  std::uint32_t name_ = 0;        // Bytes of this extension's name.
  std::uint32_t extensions_ = 0;  // Bytes of extensions in the body so far.
  std::uint32_t trailers_ = 0;
};

// The line before a chunk: its size in hex and CRLF. Writes at most kMaxChunkHead bytes. A chunk of
// size 0 would end the body: that is kLastChunk's to say.
inline constexpr std::size_t kMaxChunkHead = 18;
std::size_t write_chunk_head(char* out, std::size_t size);
inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace sluice::net::http1
