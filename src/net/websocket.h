// WebSocket (RFC 6455), as much of it as a relay needs: the words of the opening handshake, and a
// strict reader that says whether frames may go on as they came. No extensions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::net::websocket {

// ---- The opening handshake

bool is_key(std::string_view key);               // Base64 of sixteen bytes.
std::string new_key();                           // Of random ones.
std::string accept_value(std::string_view key);  // What proves that the handshake was understood.

// ---- Frames

enum class Opcode : std::uint8_t {
  Continuation = 0,
  Text = 1,
  Binary = 2,
  Close = 8,
  Ping = 9,
  Pong = 10,
};

enum class Sender : std::uint8_t { Client, Server };

inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kTooBig = 1009;
inline constexpr std::uint16_t kInternalError = 1011;

struct FrameStep {
  enum class Kind : std::uint8_t { NeedMore, Head, Payload, End, Error };
  Kind kind = Kind::NeedMore;
  Opcode opcode = Opcode::Continuation;  // A continuation has that of its message.
  bool begins = false;                   // A message: its first frame.
  bool ends = false;                     // A message: its last frame.
  std::string_view payload = {};         // As it came: a client's is masked.
  std::uint16_t code = 0;                // Of an Error: what to close with.
  std::string_view why = {};             // Static text.
};

// What one side sends. Each frame is told as a Head, Payloads and an End. An Error is final.
class FrameReader {
 public:
  FrameReader(Sender sender, std::uint64_t message_limit)
      : sender_(sender), message_limit_(message_limit) {}

  // Takes from the input's front what the step needed.
  FrameStep next(std::string_view& input);

  // Bytes of a head that is not complete, or is refused: they were taken, but must not go on yet.
  std::size_t open_head() const { return head_size_; }
  bool in_frame() const { return in_frame_; }  // A frame's head was told, not yet its End.
  bool closed() const { return closed_; }      // A close frame was read: nothing may follow.

 private:
  FrameStep failed(std::uint16_t code, std::string_view why);
  std::size_t head_needed() const;
  std::optional<FrameStep> check_start();
  FrameStep begin_frame();
  FrameStep step(FrameStep::Kind kind) const;

  const Sender sender_;
  const std::uint64_t message_limit_;

  std::array<std::uint8_t, 14> head_{};
  std::size_t head_size_ = 0;
  bool in_frame_ = false;
  bool closed_ = false;
  std::uint64_t left_ = 0;  // Of the frame's payload.
  Opcode opcode_ = Opcode::Continuation;
  bool begins_ = false;
  bool ends_ = false;

  bool in_message_ = false;  // Its last frame has not come.
  Opcode message_ = Opcode::Text;
  std::uint64_t message_size_ = 0;

  FrameStep error_;
};

// A whole close frame; a client's is masked.
std::string close_frame(Sender sender, std::uint16_t code);

}  // namespace sluice::net::websocket
