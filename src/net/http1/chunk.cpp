#include "net/http1/chunk.h"

#include "net/http1/grammar.h"
#include "net/http1/scan.h"

#include <algorithm>
#include <charconv>

namespace sluice::net::http1 {
namespace {

int hex_digit(char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return -1;
}

bool is_control(char byte) {
  return scan::ControlByte::holds(static_cast<unsigned char>(byte));
}

}  // namespace

ChunkStep ChunkDecoder::next(std::string_view& input) {
  while (true) {
    if (state_ == State::Done) return {ChunkStep::Kind::End, {}};
    if (state_ == State::Failed) return {ChunkStep::Kind::Error, complaint(failed_in_)};
    if (input.empty()) return {ChunkStep::Kind::NeedMore, {}};
    if (state_ == State::Data) {
      const auto data = input.substr(0, std::min<std::uint64_t>(size_, input.size()));
      input.remove_prefix(data.size());
      size_ -= data.size();
      if (size_ == 0) state_ = State::DataReturn;
      return {ChunkStep::Kind::Data, data};
    }
    const auto state = state_;
    if (!take(input.front())) {
      failed_in_ = state;
      state_ = State::Failed;
      continue;
    }
    input.remove_prefix(1);
  }
}

std::string_view ChunkDecoder::complaint(State state) const {
  if (line_ > kMaxLine) return "chunk line too long";
  if (extensions_ > kMaxExtensions) return "too many chunk extensions";
  if (trailers_ > kMaxTrailers) return "too many trailers";
  switch (state) {
    case State::Size:
      return "bad chunk size";
    case State::DataReturn:
    case State::DataLineFeed:
      return "chunk longer than its size";
    case State::TrailerStart:
    case State::TrailerName:
    case State::TrailerValue:
    case State::TrailerLineFeed:
    case State::LastLineFeed:
      return "bad trailer";
    default:
      return "bad chunk extension";
  }
}

bool ChunkDecoder::take(char byte) {
  switch (state_) {
    case State::Size:
      return ++line_ <= kMaxLine && take_size(byte);
    case State::ExtensionName:
    case State::ExtensionValueStart:
    case State::ExtensionToken:
    case State::ExtensionQuoted:
    case State::ExtensionEscape:
    case State::ExtensionAfterQuoted:
      return ++line_ <= kMaxLine && ++extensions_ <= kMaxExtensions && take_extension(byte);
    case State::SizeLineFeed:
      if (byte != '\n') return false;
      state_ = size_ == 0 ? State::TrailerStart : State::Data;
      return true;
    case State::DataReturn:
      state_ = State::DataLineFeed;
      return byte == '\r';
    case State::DataLineFeed:
      begin_chunk();
      return byte == '\n';
    case State::TrailerStart:
    case State::TrailerName:
    case State::TrailerValue:
    case State::TrailerLineFeed:
      return ++trailers_ <= kMaxTrailers && take_trailer(byte);
    case State::LastLineFeed:
      state_ = State::Done;
      return byte == '\n';
    case State::Data:
    case State::Done:
    case State::Failed:
      break;
  }
  return false;
}

void ChunkDecoder::begin_chunk() {
  state_ = State::Size;
  size_ = 0;
  digits_ = 0;
  line_ = 0;
}

bool ChunkDecoder::end_of_size_line() {
  state_ = State::SizeLineFeed;
  return true;
}

// chunk-size = 1*HEXDIG; sixteen of them cannot overflow.
bool ChunkDecoder::take_size(char byte) {
  if (const int digit = hex_digit(byte); digit >= 0) {
    size_ = (size_ << 4U) | static_cast<std::uint64_t>(digit);
    return ++digits_ <= kMaxSizeDigits;
  }
  if (digits_ == 0) return false;
  if (byte == '\r') return end_of_size_line();
  if (byte != ';') return false;
  state_ = State::ExtensionName;
  name_ = 0;
  return true;
}

// chunk-ext = *( ";" token [ "=" ( token / quoted-string ) ] ), without the "bad" white space that
// the RFC would have us forgive.
bool ChunkDecoder::take_extension(char byte) {
  switch (state_) {
    case State::ExtensionQuoted:
      if (byte == '"') {
        state_ = State::ExtensionAfterQuoted;
      } else if (byte == '\\') {
        state_ = State::ExtensionEscape;
      }
      return !is_control(byte);
    case State::ExtensionEscape:
      state_ = State::ExtensionQuoted;
      return !is_control(byte);
    case State::ExtensionValueStart:
      state_ = byte == '"' ? State::ExtensionQuoted : State::ExtensionToken;
      return byte == '"' || is_token_byte(byte);
    case State::ExtensionName:
    case State::ExtensionToken:
      if (is_token_byte(byte)) {
        ++name_;
        return true;
      }
      if (state_ == State::ExtensionName && name_ == 0) return false;
      if (state_ == State::ExtensionName && byte == '=') {
        state_ = State::ExtensionValueStart;
        return true;
      }
      break;
    default:
      break;
  }
  if (byte == '\r') return end_of_size_line();
  state_ = State::ExtensionName;
  name_ = 0;
  return byte == ';';
}

bool ChunkDecoder::take_trailer(char byte) {
  switch (state_) {
    case State::TrailerStart:
      if (byte == '\r') {
        state_ = State::LastLineFeed;
        return true;
      }
      state_ = State::TrailerName;
      return is_token_byte(byte);
    case State::TrailerName:
      if (byte == ':') {
        state_ = State::TrailerValue;
        return true;
      }
      return is_token_byte(byte);
    case State::TrailerValue:
      if (byte == '\r') {
        state_ = State::TrailerLineFeed;
        return true;
      }
      return !is_control(byte);
    default:
      state_ = State::TrailerStart;
      return byte == '\n';
  }
}

std::size_t write_chunk_head(char* out, std::size_t size) {
  char* end = std::to_chars(out, out + kMaxChunkHead - 2, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return static_cast<std::size_t>(end - out);
}

}  // namespace sluice::net::http1
