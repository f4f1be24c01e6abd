// A byte stream over one socket: plain or TLS. Calls never block: they move what can be moved now
// and say what to wait for. The coroutines below wait.
#pragma once

#include "net/descriptor.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace sluice::net {

struct IoResult {
  enum class Status : std::uint8_t { Done, WantRead, WantWrite, End, Failed };
  Status status = Status::Done;
  std::size_t bytes = 0;  // Moved by this call, also when it wants to wait before the rest.
};

class Transport {
 public:
  virtual ~Transport() = default;

  virtual IoResult handshake() = 0;
  virtual IoResult read(std::span<char> into) = 0;
  // Done only when all of it was taken.
  virtual IoResult write(std::span<const std::string_view> pieces) = 0;
  // Tells the peer that nothing more will come.
  virtual void finish() = 0;

  virtual Descriptor& descriptor() = 0;
  virtual std::string_view peer_certificate_subject() const { return {}; }
  // Why the last call failed, if there is more to say than that it did.
  virtual std::string failure() const { return {}; }
};

std::unique_ptr<Transport> make_tcp_transport(Loop& loop, int fd);

enum class IoStatus : std::uint8_t { Ok, End, TimedOut, Failed };

struct ReadOutcome {
  IoStatus status = IoStatus::Ok;
  std::size_t bytes = 0;
};

// At least one byte, unless the status says why not.
Task<ReadOutcome> read_some(Transport& transport, std::span<char> into, Instant deadline);

// All of the pieces. What they view must live until the task ends, unless it has ended at once; the
// pieces themselves need not. `stall` is how long the peer may take nothing.
Task<IoStatus> write_all(Transport& transport, std::span<const std::string_view> pieces,
                         Duration stall);

Task<IoStatus> shake_hands(Transport& transport, Instant deadline);

}  // namespace sluice::net
