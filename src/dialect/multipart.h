// multipart/form-data, read strictly and piece by piece: what one reader takes for content and
// another for a boundary is refused.
//
//   body     = "--" boundary *(CRLF part CRLF "--" boundary) "--" [CRLF]
//   part     = 1*(field CRLF) CRLF content
//   field    = token ":" value        one of them: Content-Disposition: form-data; name="…"
//
// No preamble, no blanks behind a boundary, no folded fields, nothing behind the end; and no line
// of content may begin like the boundary.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::dialect {

// Of a content type; nothing when that is not multipart/form-data with one proper boundary.
std::optional<std::string_view> multipart_boundary(std::string_view content_type);

struct MultipartStep {
  enum class Kind : std::uint8_t {
    NeedMore,  // The input is used up.
    Part,      // A part's head was read; `data` is its name.
    Data,      // Some of the part's content.
    PartEnd,
    End,    // The last boundary. What may follow is read, too.
    Error,  // `data` says why. Final.
  };
  Kind kind = Kind::NeedMore;
  std::string_view data = {};  // Lives until the next call, and as long as the input.
  bool file = false;           // Of a Part: it has a file name.
};

class MultipartReader {
 public:
  static constexpr std::size_t kMaxHead = std::size_t{8} * 1024;  // Of a part, with the blank line.
  static constexpr std::size_t kMaxFields = 20;

  explicit MultipartReader(std::string_view boundary);

  // Takes from the input's front what the step needed. Cuts between inputs change nothing but how
  // the Data is cut.
  MultipartStep next(std::string_view& input);
  // The body may end here.
  bool done() const { return state_ == State::Epilogue && (seen_ == 0 || seen_ == 2); }

 private:
  enum class State : std::uint8_t { Opening, AfterBoundary, Head, Content, Epilogue, Failed };

  MultipartStep failed(std::string_view why);
  MultipartStep open(std::string_view& input);
  MultipartStep after_boundary(std::string_view& input);
  MultipartStep head(std::string_view& input);
  MultipartStep content(std::string_view& input);
  MultipartStep epilogue(std::string_view& input);

  const std::string delimiter_;  // CRLF "--" boundary
  State state_ = State::Opening;
  std::size_t matched_ = 2;  // Bytes of the delimiter that were seen, not yet given out as content.
  std::size_t matched_from_ = 0;  // Where in the delimiter that began.
  std::size_t seen_ = 0;          // Of the two bytes behind a boundary, or behind the end.
  char first_ = 0;                // The first of them.
  std::string head_;
  std::string_view error_;
};

}  // namespace sluice::dialect
