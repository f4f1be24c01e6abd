#include "dialect/multipart.h"

#include "base/text.h"

#include <algorithm>
#include <utility>

namespace sluice::dialect {
namespace {

using Kind = MultipartStep::Kind;

constexpr std::size_t kLongestBoundary = 70;
constexpr std::size_t kLineEnd = 2;  // Of the delimiter, the bytes before "--".

bool is_alphanumeric(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9');
}

bool is_token_byte(char byte) {
  return is_alphanumeric(byte) || std::string_view("!#$%&'*+-.^_`|~").contains(byte);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_byte);
}

bool is_boundary_byte(char byte) {
  return is_alphanumeric(byte) || std::string_view("'()+_,-./:=? ").contains(byte);
}

bool is_value_byte(char byte) {
  return byte == '\t' || (static_cast<unsigned char>(byte) >= 0x20 && byte != 0x7f);
}

std::string_view trim_blanks(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

struct Parameter {
  std::string_view name;
  std::string_view value;  // Between the quotes, escapes as they are.
  bool quoted = false;
};

// Takes the next `; name=value` off a header value. Nothing: it is malformed.
std::optional<Parameter> take_parameter(std::string_view& rest) {
  if (!rest.starts_with(';')) return std::nullopt;
  rest = trim_blanks(rest.substr(1));
  const std::size_t equals = rest.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  Parameter parameter{.name = rest.substr(0, equals), .value = {}};
  if (!is_token(parameter.name)) return std::nullopt;
  rest.remove_prefix(equals + 1);

  std::size_t end = 0;
  if (rest.starts_with('"')) {
    parameter.quoted = true;
    rest.remove_prefix(1);
    while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
    if (end >= rest.size()) return std::nullopt;
    parameter.value = rest.substr(0, end);
    rest.remove_prefix(end + 1);
  } else {
    while (end < rest.size() && is_token_byte(rest[end])) ++end;
    if (end == 0) return std::nullopt;
    parameter.value = rest.substr(0, end);
    rest.remove_prefix(end);
  }
  rest = trim_blanks(rest);
  return parameter;
}

struct PartHead {
  std::optional<std::string_view> name;
  bool file = false;
};

// Empty: understood. Else why not.
std::string_view read_disposition(std::string_view value, PartHead& part) {
  const std::string_view type = value.substr(0, value.find_first_of("; \t"));
  if (!text::iequals(type, "form-data")) return "a part is no form-data";
  std::string_view rest = trim_blanks(value.substr(type.size()));
  while (!rest.empty()) {
    const auto parameter = take_parameter(rest);
    if (!parameter) return "bad Content-Disposition";
    if (text::iequals(parameter->name, "name")) {
      // Readers disagree on escapes, and on which of two names counts.
      if (part.name || parameter->value.contains('\\')) return "bad name of a part";
      part.name = parameter->value;
    } else if (text::iequals(parameter->name, "name*")) {
      return "bad name of a part";
    } else if (text::iequals(parameter->name, "filename") ||
               text::iequals(parameter->name, "filename*")) {
      part.file = true;
    }
  }
  return part.name ? std::string_view() : "a part has no name";
}

std::string_view read_part_head(std::string_view lines, PartHead& part) {
  bool disposed = false;
  for (std::size_t count = 0; !lines.empty(); ++count) {
    if (count == MultipartReader::kMaxFields) return "a part has too many header fields";
    const std::size_t end = lines.find("\r\n");
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) ||
        !std::ranges::all_of(line, is_value_byte)) {
      return "bad header field of a part";
    }
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim_blanks(line.substr(colon + 1));
    if (text::iequals(name, "content-disposition")) {
      if (disposed) return "a part has two Content-Dispositions";
      disposed = true;
      if (const auto why = read_disposition(value, part); !why.empty()) return why;
    } else if (text::iequals(name, "content-transfer-encoding") && !text::iequals(value, "7bit") &&
               !text::iequals(value, "8bit") && !text::iequals(value, "binary")) {
      return "a part is encoded";
    }
  }
  return disposed ? std::string_view() : "a part has no Content-Disposition";
}

}  // namespace

std::optional<std::string_view> multipart_boundary(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find_first_of("; \t"));
  if (!text::iequals(type, "multipart/form-data")) return std::nullopt;
  std::optional<std::string_view> boundary;
  std::string_view rest = trim_blanks(content_type.substr(type.size()));
  while (!rest.empty()) {
    const auto parameter = take_parameter(rest);
    if (!parameter) return std::nullopt;
    if (!text::iequals(parameter->name, "boundary")) continue;
    if (boundary) return std::nullopt;
    boundary = parameter->value;
  }
  if (!boundary || boundary->empty() || boundary->size() > kLongestBoundary ||
      boundary->ends_with(' ') || !std::ranges::all_of(*boundary, is_boundary_byte)) {
    return std::nullopt;
  }
  return boundary;
}

MultipartReader::MultipartReader(std::string_view boundary)
    : delimiter_("\r\n--" + std::string(boundary)) {}

MultipartStep MultipartReader::failed(std::string_view why) {
  state_ = State::Failed;
  error_ = why;
  return {.kind = Kind::Error, .data = why};
}

MultipartStep MultipartReader::next(std::string_view& input) {
  for (;;) {
    if (state_ == State::Failed) return {.kind = Kind::Error, .data = error_};
    if (input.empty()) return {};
    const State before = state_;
    MultipartStep step;
    switch (state_) {
      case State::Opening:
        step = open(input);
        break;
      case State::AfterBoundary:
        step = after_boundary(input);
        break;
      case State::Head:
        step = head(input);
        break;
      case State::Content:
        step = content(input);
        break;
      case State::Epilogue:
        step = epilogue(input);
        break;
      case State::Failed:
        break;
    }
    // NeedMore with a new state: only the boundary line changed it.
    if (step.kind != Kind::NeedMore || state_ == before) return step;
  }
}

MultipartStep MultipartReader::open(std::string_view& input) {
  const std::string_view wanted =
      std::string_view(delimiter_).substr(matched_, std::min(delimiter_.size(), input.size()));
  const std::size_t size = std::min(wanted.size(), input.size());
  if (input.substr(0, size) != wanted.substr(0, size)) {
    return failed("the body does not begin with the boundary");
  }
  input.remove_prefix(size);
  matched_ += size;
  if (matched_ == delimiter_.size()) {
    matched_ = 0;
    state_ = State::AfterBoundary;
  }
  return {};
}

MultipartStep MultipartReader::after_boundary(std::string_view& input) {
  const char byte = input.front();
  input.remove_prefix(1);
  if (seen_ == 0) {
    if (byte != '\r' && byte != '-') return failed("a line begins like the boundary");
    first_ = byte;
    seen_ = 1;
    // Stays in this state: the second byte decides.
    return input.empty() ? MultipartStep() : after_boundary(input);
  }
  if (byte != (first_ == '\r' ? '\n' : '-')) return failed("a line begins like the boundary");
  seen_ = 0;
  if (first_ == '-') {
    state_ = State::Epilogue;
    return {.kind = Kind::End};
  }
  head_.clear();
  state_ = State::Head;
  return {};
}

MultipartStep MultipartReader::head(std::string_view& input) {
  const std::size_t before = head_.size();
  const std::string_view taken = input.substr(0, kMaxHead - before);
  head_.append(taken);
  if (head_.starts_with("\r\n")) return failed("a part has no Content-Disposition");
  const std::size_t end = head_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  if (end == std::string::npos) {
    input.remove_prefix(taken.size());
    if (head_.size() == kMaxHead) return failed("the head of a part is too large");
    return {};
  }
  input.remove_prefix(end + 4 - before);
  head_.resize(end + 2);

  PartHead part;
  if (const auto why = read_part_head(head_, part); !why.empty()) return failed(why);
  state_ = State::Content;
  // Some readers let the blank line's CRLF begin a boundary, too: where that matters, refuse.
  matched_ = matched_from_ = kLineEnd;
  return {.kind = Kind::Part, .data = *part.name, .file = part.file};
}

// CR stands in the delimiter only at its front: so at most one beginning of it can be open, and
// when that one fails, none of its bytes can begin another.
MultipartStep MultipartReader::content(std::string_view& input) {
  const std::string_view delimiter = delimiter_;
  if (matched_ > 0) {
    const std::size_t size = std::min(delimiter.size() - matched_, input.size());
    std::size_t same = 0;
    while (same < size && input[same] == delimiter[matched_ + same]) ++same;
    input.remove_prefix(same);
    matched_ += same;
    const std::size_t from = matched_from_;
    if (matched_ == delimiter.size()) {
      if (from > 0) return failed("the content of a part begins with the boundary");
      matched_ = 0;
      state_ = State::AfterBoundary;
      return {.kind = Kind::PartEnd};
    }
    if (input.empty()) return {};
    matched_from_ = 0;
    const std::string_view plain = delimiter.substr(from, std::exchange(matched_, 0) - from);
    if (!plain.empty()) return {.kind = Kind::Data, .data = plain};
  }

  std::string_view plain = input;
  if (const std::size_t at = input.find(delimiter); at != std::string_view::npos) {
    plain = input.substr(0, at);
  } else if (const std::size_t last = input.rfind('\r');
             last != std::string_view::npos && delimiter.starts_with(input.substr(last))) {
    plain = input.substr(0, last);
  }
  if (plain.empty()) {
    matched_ = 1;
    input.remove_prefix(1);
    return input.empty() ? MultipartStep() : content(input);
  }
  input.remove_prefix(plain.size());
  return {.kind = Kind::Data, .data = plain};
}

MultipartStep MultipartReader::epilogue(std::string_view& input) {
  while (!input.empty()) {
    if (seen_ == 2 || input.front() != "\r\n"[seen_])
      return failed("bytes follow the last boundary");
    ++seen_;
    input.remove_prefix(1);
  }
  return {};
}

}  // namespace sluice::dialect
