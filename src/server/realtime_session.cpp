#include "server/realtime_session.h"

#include "dialect/openai_realtime.h"
#include "net/both.h"

namespace sluice::server {
namespace {

using net::websocket::FrameReader;
using net::websocket::FrameStep;
using net::websocket::Opcode;
using net::websocket::Sender;

constexpr std::size_t kLongestEvent = std::size_t{1} << 20;  // Longer ones are not read.

bool is_data(Opcode opcode) {
  return opcode == Opcode::Text || opcode == Opcode::Binary;
}

}  // namespace

// ---- The account

void RealtimeAccount::caller_sent(const FrameStep& step) {
  if (is_data(step.opcode)) context_.account.bytes_in += step.payload.size();
}

void RealtimeAccount::provider_sent(const FrameStep& step) {
  if (!is_data(step.opcode)) return;
  context_.account.bytes_out += step.payload.size();
  if (step.kind == FrameStep::Kind::End && step.ends) ++attempt_.content_events;
  if (step.opcode != Opcode::Text) return;
  switch (step.kind) {
    case FrameStep::Kind::Head:
      if (step.begins) too_long_ = false;
      break;
    case FrameStep::Kind::Payload:
      too_long_ = too_long_ || message_.filled().size() + step.payload.size() > kLongestEvent;
      if (!too_long_) message_.append(step.payload);
      break;
    case FrameStep::Kind::End:
      if (!step.ends) break;
      if (!too_long_) understand(message_.filled());
      message_.release();
      break;
    default:
      break;
  }
}

void RealtimeAccount::understand(std::string_view event) {
  if (attempt_.first_content == Instant() && event.contains(".delta\"")) {
    attempt_.first_content = context_.clock.now();
  }
  const auto cost = dialect::realtime_usage(event, reader_);
  if (!cost) return;
  attempt_.usage += *cost;
  attempt_.exact = true;
}

// ---- The session

RealtimeSession::RealtimeSession(net::HttpExchange& exchange, net::WebSocketUpstream& upstream,
                                 Context& context, Attempt& attempt, json::Reader& reader,
                                 const RealtimeLimits& limits)
    : loop_(exchange.loop()),
      context_(context),
      attempt_(attempt),
      limits_(limits),
      account_(context, attempt, reader),
      up_{.from = exchange.transport(),
          .input = exchange.input(),
          .to = upstream.lease.transport(),
          .sender = Sender::Client,
          .reader = FrameReader(Sender::Client, limits.message)},
      down_{.from = upstream.lease.transport(),
            .input = upstream.input,
            .to = exchange.transport(),
            .sender = Sender::Server,
            .reader = FrameReader(Sender::Server, limits.message)} {
  // We read all the time, and so see the end ourselves, behind the last frame that came before it.
  exchange.transport().descriptor().watch_peer(nullptr);
}

Task<void> RealtimeSession::run() {
  net::Both both(loop_);
  co_await both.run(pass(up_, down_), pass(down_, up_));
  settle();
}

Task<void> RealtimeSession::pass(Flow& flow, const Flow& other) {
  for (;;) {
    const std::size_t legal = examine(flow);
    if (legal > 0) {
      const std::string_view piece = flow.input.filled().substr(0, legal);
      flow.writing = true;
      if (co_await net::write_all(flow.to, {&piece, 1}, limits_.write_timeout) !=
          net::IoStatus::Ok) {
        co_return;
      }
      flow.writing = false;
      flow.input.consume(legal);
      flow.examined -= legal;
      flow.input.release_if_empty();
    }
    if (flow.fault != 0) co_return;
    if (flow.reader.closed()) {
      // The other side's close frame is awaited, but not for ever.
      if (!other.reader.closed()) co_await loop_.sleep_until(loop_.now() + limits_.close_timeout);
      co_return;
    }
    if (!co_await fill(flow)) {
      flow.cut = true;
      co_return;
    }
  }
}

// Bytes that may go on: all but those of a head that is not complete, or not legal.
std::size_t RealtimeSession::examine(Flow& flow) {
  std::string_view rest = flow.input.filled().substr(flow.examined);
  for (;;) {
    const FrameStep step = flow.reader.next(rest);
    if (step.kind == FrameStep::Kind::NeedMore) break;
    if (step.kind == FrameStep::Kind::Error) {
      flow.fault = step.code;
      break;
    }
    if (flow.sender == Sender::Client) {
      account_.caller_sent(step);
    } else {
      account_.provider_sent(step);
    }
  }
  flow.examined = flow.input.filled().size() - rest.size();
  return flow.examined - flow.reader.open_head();
}

Task<bool> RealtimeSession::fill(Flow& flow) {
  for (;;) {
    flow.input.hold();
    const net::IoResult result = flow.from.read(flow.input.space());
    flow.input.added(result.bytes);
    if (result.status == net::IoResult::Status::Done) co_return true;
    flow.input.release_if_empty();
    if (result.status == net::IoResult::Status::WantRead) {
      co_await flow.from.descriptor().readable(kNever);
    } else if (result.status == net::IoResult::Status::WantWrite) {
      // TLS has something of its own to say. Waiting to write is the other direction's affair, and
      // only one may wait: so look again soon.
      co_await loop_.sleep_until(loop_.now() + net::TimerWheel::kTick);
    } else {
      co_return false;
    }
  }
}

// Said only if it can be said at once: whoever does not listen is not waited for.
void RealtimeSession::close(Flow& towards, Sender as, std::uint16_t code) {
  if (!towards.may_speak()) return;
  const std::string frame = net::websocket::close_frame(as, code);
  const std::string_view piece = frame;
  towards.to.write({&piece, 1});
}

void RealtimeSession::settle() {
  close(down_, Sender::Server, up_.fault != 0 ? up_.fault : net::websocket::kInternalError);
  close(up_, Sender::Client, down_.fault != 0 ? down_.fault : net::websocket::kGoingAway);
  up_.to.finish();

  // A caller that is simply gone leaves its attempt unfinished, as everywhere.
  attempt_.ended = context_.clock.now();
  if (up_.reader.closed() || down_.reader.closed()) {
    attempt_.outcome = Outcome::Answered;
  } else if (down_.cut || down_.fault != 0) {
    attempt_.outcome = Outcome::Failed;
  }
}

}  // namespace sluice::server
