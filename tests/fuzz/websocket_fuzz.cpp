// WebSocket frames: cuts change nothing, what goes on is what came, and a message stays bounded.
#include "net/websocket.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace sluice::net::websocket {
namespace {

using Kind = FrameStep::Kind;

constexpr std::uint64_t kLimit = 1000;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Read {
  std::string story;
  std::string passed;  // What a relay may send on.
  bool operator==(const Read&) const = default;
};

template <class NextSize>
Read read(std::string_view bytes, Sender sender, NextSize next_size) {
  FrameReader reader(sender, kLimit);
  Read result;
  std::string held;  // Seen, but part of a head that is not complete.
  std::uint64_t message = 0;
  for (bool failed = false; !bytes.empty() && !failed;) {
    std::string_view input = bytes.substr(0, next_size());
    bytes.remove_prefix(input.size());
    const std::string_view piece = input;
    for (bool more = true; more;) {
      const FrameStep step = reader.next(input);
      switch (step.kind) {
        case Kind::NeedMore:
          require(input.empty());
          more = false;
          break;
        case Kind::Head:
          require(reader.in_frame() && reader.open_head() == 0);
          if (step.begins) message = 0;
          result.story += static_cast<char>('a' + static_cast<int>(step.opcode));
          break;
        case Kind::Payload:
          require(!step.payload.empty());
          if (step.opcode == Opcode::Text || step.opcode == Opcode::Binary) {
            message += step.payload.size();
          }
          require(message <= kLimit);
          result.story += step.payload;
          break;
        case Kind::End:
          result.story += step.ends ? "$" : ".";
          break;
        case Kind::Error:
          require(step.code == kProtocolError || step.code == kTooBig);
          result.story += step.why;
          failed = true;
          more = false;
          break;
      }
    }
    held += piece.substr(0, piece.size() - input.size());
    require(reader.open_head() <= held.size());
    result.passed += held.substr(0, held.size() - reader.open_head());
    held.erase(0, held.size() - reader.open_head());
  }
  return result;
}

}  // namespace
}  // namespace sluice::net::websocket

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::net::websocket;
  if (size == 0) return 0;
  std::uint32_t seed = data[0];
  const Sender sender = (data[0] & 1) != 0 ? Sender::Client : Sender::Server;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto in_pieces = [&] {
    seed = seed * 1664525U + 1013904223U;
    return std::size_t{1} + (seed >> 24U) % 20;
  };

  const Read whole = read(bytes, sender, [] { return SIZE_MAX; });
  require(bytes.starts_with(whole.passed));
  require(read(bytes, sender, [] { return std::size_t{1}; }) == whole);
  require(read(bytes, sender, in_pieces) == whole);
  return 0;
}
