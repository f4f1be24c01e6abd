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

Task<IoStatus> write_rest(Transport& transport, std::span<const std::string_view> pieces,
                          IoResult begun, Duration stall) {
  std::vector<std::string_view> rest = rest_of(pieces, begun.bytes);
  Loop& loop = transport.descriptor().loop();
  for (Instant deadline = loop.now() + stall;;) {
    if (!waits(begun.status)) co_return IoStatus::Failed;
    if (co_await wanted(transport.descriptor(), begun.status, deadline) == Wake::TimedOut) {
      co_return IoStatus::TimedOut;
    }
    begun = transport.write(rest);
    if (begun.status == IoResult::Status::Done) co_return IoStatus::Ok;
    if (begun.bytes > 0) {
      rest = rest_of(rest, begun.bytes);
      deadline = loop.now() + stall;
    }
  }
}

Task<IoStatus> write_all(Transport& transport, std::span<const std::string_view> pieces,
                         Duration stall) {
  const IoResult begun = transport.write(pieces);
  if (begun.status == IoResult::Status::Done) co_return IoStatus::Ok;
  co_return co_await write_rest(transport, pieces, begun, stall);
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
