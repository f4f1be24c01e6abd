#include "net/transport.h"

#include <vector>

namespace sluice::net {
namespace {

Descriptor::Waiter wanted(Descriptor& descriptor, IoResult::Status status, Instant deadline) {
  return status == IoResult::Status::WantRead ? descriptor.readable(deadline)
                                              : descriptor.writable(deadline);
}

bool waits(IoResult::Status status) {
  return status == IoResult::Status::WantRead || status == IoResult::Status::WantWrite;
}

// What is left of the pieces behind the first `bytes` bytes.
std::vector<std::string_view> rest_of(std::span<const std::string_view> pieces, std::size_t bytes) {
  std::vector<std::string_view> rest;
  for (std::string_view piece : pieces) {
    const std::size_t skipped = std::min(bytes, piece.size());
    bytes -= skipped;
    piece.remove_prefix(skipped);
    if (!piece.empty()) rest.push_back(piece);
  }
  return rest;
}

// What the socket did not take at once.
Task<IoStatus> write_rest(Transport& transport, std::vector<std::string_view> rest,
                          IoResult::Status blocked, Duration stall) {
  Loop& loop = transport.descriptor().loop();
  for (Instant deadline = loop.now() + stall;;) {
    if (!waits(blocked)) co_return IoStatus::Failed;
    if (co_await wanted(transport.descriptor(), blocked, deadline) == Wake::TimedOut) {
      co_return IoStatus::TimedOut;
    }
    const IoResult result = transport.write(rest);
    if (result.status == IoResult::Status::Done) co_return IoStatus::Ok;
    blocked = result.status;
    if (result.bytes > 0) {
      rest = rest_of(rest, result.bytes);
      deadline = loop.now() + stall;
    }
  }
}

}  // namespace

Task<ReadOutcome> read_some(Transport& transport, std::span<char> into, Instant deadline) {
  for (;;) {
    const IoResult result = transport.read(into);
    if (result.status == IoResult::Status::Done) co_return {IoStatus::Ok, result.bytes};
    if (result.status == IoResult::Status::End) co_return {IoStatus::End, 0};
    if (!waits(result.status)) co_return {IoStatus::Failed, 0};
    if (co_await wanted(transport.descriptor(), result.status, deadline) == Wake::TimedOut) {
      co_return {IoStatus::TimedOut, 0};
    }
  }
}

Task<IoStatus> write_all(Transport& transport, std::span<const std::string_view> pieces,
                         Duration stall) {
  const IoResult begun = transport.write(pieces);
  if (begun.status == IoResult::Status::Done) return IoStatus::Ok;
  return write_rest(transport, rest_of(pieces, begun.bytes), begun.status, stall);
}

Task<IoStatus> shake_hands(Transport& transport, Instant deadline) {
  for (;;) {
    const IoResult result = transport.handshake();
    if (result.status == IoResult::Status::Done) co_return IoStatus::Ok;
    if (!waits(result.status)) co_return IoStatus::Failed;
    if (co_await wanted(transport.descriptor(), result.status, deadline) == Wake::TimedOut) {
      co_return IoStatus::TimedOut;
    }
  }
}

}  // namespace sluice::net
