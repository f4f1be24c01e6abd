#include "net/websocket.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <new>

namespace sluice::net::websocket {
namespace {

using Kind = FrameStep::Kind;

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kKeySize = 24;
constexpr std::uint64_t kLongestControl = 125;

template <std::size_t size>
std::array<unsigned char, size> random_bytes() {
  std::array<unsigned char, size> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(size)) != 1) throw std::bad_alloc();
  return bytes;
}

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string text((size + 2) / 3 * 4, '\0');
  // Writes a terminating zero, which std::string has room for.
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size));
  return text;
}

bool is_base64(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '+' || byte == '/';
}

bool is_control(Opcode opcode) {
  return opcode >= Opcode::Close;
}

}  // namespace

bool is_key(std::string_view key) {
  // Sixteen bytes leave four bits for the last letter, the lower ones of which are not used.
  return key.size() == kKeySize && key.ends_with("==") &&
         std::string_view("AQgw").contains(key[kKeySize - 3]) &&
         std::ranges::all_of(key.substr(0, kKeySize - 3), is_base64);
}

std::string new_key() {
  const auto bytes = random_bytes<kKeyBytes>();
  return base64(bytes.data(), bytes.size());
}

std::string accept_value(std::string_view key) {
  const std::string text = std::string(key) + std::string(kGuid);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return base64(digest.data(), size);
}

FrameStep FrameReader::failed(std::uint16_t code, std::string_view why) {
  error_ = {.kind = Kind::Error, .code = code, .why = why};
  return error_;
}

FrameStep FrameReader::step(Kind kind) const {
  return {.kind = kind, .opcode = opcode_, .begins = begins_, .ends = ends_};
}

std::size_t FrameReader::head_needed() const {
  if (head_size_ < 2) return 2;
  const std::uint8_t length = head_[1] & 0x7f;
  const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
  return 2 + extended + (sender_ == Sender::Client ? 4 : 0);
}

// Of the first two bytes; nothing when they are in order.
std::optional<FrameStep> FrameReader::check_start() {
  const std::uint8_t first = head_[0];
  const bool final = (first & 0x80) != 0;
  const std::uint8_t length = head_[1] & 0x7f;
  if ((first & 0x70) != 0) return failed(kProtocolError, "a reserved bit is set");
  switch (const auto opcode = static_cast<Opcode>(first & 0x0f)) {
    case Opcode::Continuation:
      if (!in_message_) return failed(kProtocolError, "nothing to continue");
      break;
    case Opcode::Text:
    case Opcode::Binary:
      if (in_message_) return failed(kProtocolError, "a message within a message");
      break;
    case Opcode::Close:
    case Opcode::Ping:
    case Opcode::Pong:
      if (!final) return failed(kProtocolError, "a control frame in pieces");
      if (length > kLongestControl) return failed(kProtocolError, "a control frame is too long");
      if (opcode == Opcode::Close && length == 1) {
        return failed(kProtocolError, "half a close code");
      }
      break;
    default:
      return failed(kProtocolError, "unknown opcode");
  }
  const bool masked = (head_[1] & 0x80) != 0;
  if (masked != (sender_ == Sender::Client)) {
    return failed(kProtocolError, masked ? "a server's frame is masked" : "a client's is not");
  }
  return std::nullopt;
}

FrameStep FrameReader::begin_frame() {
  std::uint64_t length = head_[1] & 0x7f;
  if (length >= 126) {
    const std::size_t size = length == 126 ? 2 : 8;
    const std::uint64_t shortest = length == 126 ? 126 : 65536;
    length = 0;
    for (std::size_t i = 0; i < size; ++i) length = (length << 8) | head_[2 + i];
    if (length < shortest) return failed(kProtocolError, "a length is not in its shortest form");
    if (length >> 63 != 0) return failed(kProtocolError, "a length is too long");
  }
  const auto opcode = static_cast<Opcode>(head_[0] & 0x0f);
  const bool final = (head_[0] & 0x80) != 0;
  begins_ = ends_ = false;
  opcode_ = opcode;
  if (!is_control(opcode)) {
    begins_ = !in_message_;
    ends_ = final;
    if (begins_) {
      message_ = opcode;
      message_size_ = 0;
    }
    if (length > message_limit_ - message_size_) return failed(kTooBig, "a message is too long");
    message_size_ += length;
    in_message_ = !final;
    opcode_ = message_;
  }
  head_size_ = 0;
  left_ = length;
  in_frame_ = true;
  return step(Kind::Head);
}

FrameStep FrameReader::next(std::string_view& input) {
  if (error_.kind == Kind::Error) return error_;
  if (in_frame_) {
    if (left_ == 0) {
      in_frame_ = false;
      if (opcode_ == Opcode::Close) closed_ = true;
      return step(Kind::End);
    }
    if (input.empty()) return {};
    FrameStep payload = step(Kind::Payload);
    payload.payload = input.substr(0, left_);
    input.remove_prefix(payload.payload.size());
    left_ -= payload.payload.size();
    return payload;
  }
  if (closed_ && !input.empty()) return failed(kProtocolError, "bytes follow the close frame");
  while (!input.empty()) {
    head_[head_size_++] = static_cast<std::uint8_t>(input.front());
    input.remove_prefix(1);
    if (head_size_ == 2) {
      if (const auto wrong = check_start()) return *wrong;
    }
    if (head_size_ == head_needed()) return begin_frame();
  }
  return {};
}

std::string close_frame(Sender sender, std::uint16_t code) {
  std::string frame{static_cast<char>(0x88), 2};
  std::array<unsigned char, 4> mask{};
  if (sender == Sender::Client) {
    frame[1] = static_cast<char>(0x82);
    mask = random_bytes<4>();
    frame.append(reinterpret_cast<const char*>(mask.data()), mask.size());
  }
  frame += static_cast<char>((code >> 8) ^ mask[0]);
  frame += static_cast<char>((code & 0xff) ^ mask[1]);
  return frame;
}

}  // namespace sluice::net::websocket
