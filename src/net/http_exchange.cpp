#include "net/http_exchange.h"

#include "net/http1/head_writer.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace sluice::net {
namespace {

constexpr std::uint64_t kDrained =
    64 * 1024;  // An unread body up to this size does not cost the connection.
constexpr std::uint64_t kSlowest = 1024;  // Bytes a second, once a body has lasted a while.
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::unexpected<Failure> too_large(std::uint64_t limit) {
  return fail(
      ErrorKind::TooLarge, "request_too_large",
      "The request body is larger than the " + std::to_string(limit) + " bytes allowed here.");
}

std::unexpected<Failure> too_slow() {
  return fail(ErrorKind::InvalidRequest, "request_timeout", "The request body came too slowly.");
}

std::unexpected<Failure> client_gone() {
  return fail(ErrorKind::ClientGone, "invalid_request",
              "The connection closed within the request body.");
}

std::uint64_t total(std::span<const std::string_view> pieces) {
  std::uint64_t bytes = 0;
  for (std::string_view piece : pieces) bytes += piece.size();
  return bytes;
}

// The pieces of one write: almost always few.
class Gather {
 public:
  void add(std::string_view piece) {
    if (piece.empty()) return;
    if (count_ < few_.size()) {
      few_[count_++] = piece;
      return;
    }
    if (many_.empty()) many_.assign(few_.begin(), few_.end());
    many_.push_back(piece);
  }
  std::span<const std::string_view> pieces() const {
    if (many_.empty()) return {few_.data(), count_};
    return many_;
  }

 private:
  std::array<std::string_view, 12> few_;
  std::size_t count_ = 0;
  std::vector<std::string_view> many_;
};

}  // namespace

HttpExchange::HttpExchange(Transport& transport, Buffer& input, Interruption& interruption,
                           const SocketAddress& peer)
    : transport_(transport), input_(input), interruption_(interruption), peer_(peer) {}

void HttpExchange::begin(HeadPtr head, const HttpServerSettings& settings, Instant arrived) {
  settings_ = &settings;
  arrived_ = arrived;
  head_only_ = head->method == http1::Method::Head;
  old_version_ = head->minor_version == 0;
  keep_alive_ = head->keep_alive;
  announced_ = head->content_length;
  body_limit_ = UINT64_MAX;
  body_bytes_ = 0;
  body_left_ = announced_.value_or(0);
  body_begun_ = arrived;
  expects_invitation_ = head->expect_continue;
  invited_ = false;
  if (head->chunked) {
    body_state_ = BodyState::Chunked;
    chunks_ = http1::ChunkDecoder();
  } else {
    body_state_ = body_left_ > 0 ? BodyState::Length : BodyState::None;
  }
  chunked_out_ = bodiless_ = started_ = ended_ = false;
  length_left_ = 0;
  status_ = 0;
  bytes_sent_ = 0;
  head_ = std::move(head);
}

std::string_view HttpExchange::peer_name() const {
  if (peer_name_.empty()) {
    const auto address = peer_.ip();
    peer_name_ = address ? address->text() : "unix";
  }
  return peer_name_;
}

void HttpExchange::end() {
  release_request();
  arena_.release();
}

void HttpExchange::go_on_alone() {
  if (alone_) return;
  alone_ = broken_ = true;
  transport_.descriptor().watch_peer(nullptr);
  transport_.finish();
}

void HttpExchange::release_request() {
  head_.reset();
  head_block_.release();
  body_.release();
  draft_.release();
  if (body_read()) input_.release_if_empty();
}

// ---- The request's body

Task<Result<void>> HttpExchange::fill(Buffer& buffer, std::size_t most) {
  std::span<char> space = buffer.space();
  const Duration patience = settings_->body_timeout;
  const ReadOutcome outcome = co_await read_some(
      transport_, space.first(std::min(space.size(), most)), loop().now() + patience);
  if (outcome.status == IoStatus::TimedOut) co_return too_slow();
  if (outcome.status != IoStatus::Ok) co_return client_gone();
  buffer.added(outcome.bytes);

  const Duration lasted = loop().now() - body_begun_;
  if (lasted > patience) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(lasted).count();
    if (body_bytes_ + buffer.filled().size() < kSlowest * static_cast<std::uint64_t>(seconds)) {
      co_return too_slow();
    }
  }
  co_return Result<void>();
}

// The caller waits for a word before it sends its body.
bool HttpExchange::must_invite() {
  if (std::exchange(invited_, true)) return false;
  body_begun_ = loop().now();
  return expects_invitation_ && input_.empty();
}

Task<Result<void>> HttpExchange::invite_body() {
  if (!co_await write({&kContinue, 1})) co_return client_gone();
  co_return Result<void>();
}

void HttpExchange::set_head_apart() {
  if (head_block_.held()) return;
  Buffer rest;
  rest.hold();
  rest.append(input_.filled());
  head_block_ = std::move(input_);
  input_ = std::move(rest);
}

Task<Result<std::string_view>> HttpExchange::read_body(std::uint64_t limit) {
  if (body_read()) return std::string_view();
  body_limit_ = limit;
  if (announced_ && *announced_ > limit) return too_large(limit);
  if (body_state_ == BodyState::Length && body_left_ <= input_.filled().size()) return take_sized();
  return read_later();
}

// It came with its head.
std::string_view HttpExchange::take_sized() {
  const std::string_view body = input_.filled().substr(0, body_left_);
  input_.consume(body.size());
  body_bytes_ = body.size();
  body_left_ = 0;
  body_state_ = BodyState::Done;
  return body;
}

Task<Result<std::string_view>> HttpExchange::read_later() {
  if (must_invite()) CO_TRY_VOID(co_await invite_body());
  if (body_state_ == BodyState::Length) co_return co_await read_sized();
  co_return co_await read_chunked();
}

Task<Result<std::string_view>> HttpExchange::read_sized() {
  const std::size_t length = body_left_;
  if (length <= input_.filled().size() + input_.space().size()) {
    while (input_.filled().size() < length) CO_TRY_VOID(co_await fill(input_, SIZE_MAX));
    co_return take_sized();
  }
  body_.hold(length);
  body_.append(input_.filled());
  input_.consume(input_.filled().size());
  while (body_.filled().size() < length) {
    CO_TRY_VOID(co_await fill(body_, length - body_.filled().size()));
  }
  body_bytes_ = length;
  body_left_ = 0;
  body_state_ = BodyState::Done;
  co_return body_.filled();
}

Task<Result<std::string_view>> HttpExchange::read_chunked() {
  for (;;) {
    CO_TRY(const std::string_view piece, co_await next_chunk());
    if (piece.empty()) co_return body_.filled();
    body_.append(piece);
  }
}

Task<Result<std::string_view>> HttpExchange::next() {
  if (body_read()) co_return std::string_view();
  if (announced_ && *announced_ > body_limit_) co_return too_large(body_limit_);
  if (must_invite()) CO_TRY_VOID(co_await invite_body());
  if (body_state_ == BodyState::Length) co_return co_await next_sized();
  co_return co_await next_chunk();
}

Task<Result<std::string_view>> HttpExchange::next_sized() {
  if (input_.empty()) {
    set_head_apart();
    input_.hold();
    CO_TRY_VOID(co_await fill(input_, SIZE_MAX));
  }
  const std::string_view piece = input_.filled().substr(0, body_left_);
  input_.consume(piece.size());
  body_left_ -= piece.size();
  body_bytes_ += piece.size();
  if (body_left_ == 0) body_state_ = BodyState::Done;
  co_return piece;
}

Task<Result<std::string_view>> HttpExchange::next_chunk() {
  for (;;) {
    std::string_view rest = input_.filled();
    const http1::ChunkStep step = chunks_.next(rest);
    input_.consume(input_.filled().size() - rest.size());
    switch (step.kind) {
      case http1::ChunkStep::Kind::Data:
        body_bytes_ += step.data.size();
        if (body_bytes_ > body_limit_) co_return too_large(body_limit_);
        co_return step.data;
      case http1::ChunkStep::Kind::End:
        body_state_ = BodyState::Done;
        co_return std::string_view();
      case http1::ChunkStep::Kind::Error:
        keep_alive_ = false;
        co_return fail(
            ErrorKind::InvalidRequest, "invalid_request",
            "The request body is not framed as HTTP/1.1 chunks: " + std::string(step.data));
      case http1::ChunkStep::Kind::NeedMore:
        break;
    }
    set_head_apart();
    input_.hold();
    CO_TRY_VOID(co_await fill(input_, SIZE_MAX));
  }
}

// ---- The answer

bool HttpExchange::can_keep_alive() const {
  if (!keep_alive_ || old_version_) return false;
  if (body_read()) return true;
  const bool waits_for_invitation = expects_invitation_ && !invited_;
  return body_state_ == BodyState::Length && body_left_ <= kDrained && !waits_for_invitation;
}

std::string_view HttpExchange::compose_head(const HttpAnswer& answer) {
  std::size_t room = 256 + answer.content_type.size();
  for (auto fields : {answer.fields, answer.more_fields}) {
    for (const Field& field : fields) room += field.name.size() + field.value.size() + 4;
  }
  http1::HeadWriter writer(draft_.array<char>(room));
  writer.status_line(answer.status);
  if (!answer.content_type.empty()) writer.known_field("content-type", answer.content_type);
  if (answer.length && !bodiless_) writer.field(http1::HeaderId::ContentLength, *answer.length);
  if (chunked_out_) writer.known_field("transfer-encoding", "chunked");
  if (!keep_alive_ && answer.status != 101) writer.known_field("connection", "close");
  for (auto fields : {answer.fields, answer.more_fields}) {
    for (const Field& field : fields) writer.known_field(field.name, field.value);
  }
  writer.end();
  return writer.view();
}

Task<bool> HttpExchange::write(std::span<const std::string_view> pieces) {
  if (broken()) return false;
  Task<IoStatus> written = write_all(transport_, pieces, settings_->write_timeout);
  if (written.done() && written.take() == IoStatus::Ok) return true;
  writing_ = true;
  return finish_write(std::move(written));
}

Task<bool> HttpExchange::finish_write(Task<IoStatus> rest) {
  const IoStatus status = co_await std::move(rest);
  writing_ = false;
  if (status != IoStatus::Ok) broken_ = true;
  co_return !broken_;
}

Task<bool> HttpExchange::respond(const HttpAnswer& answer, std::string_view body) {
  HttpAnswer sized = answer;
  sized.length = body.size();
  return start(sized, {&body, 1}, Last::Yes);
}

Task<bool> HttpExchange::start(const HttpAnswer& answer, std::span<const std::string_view> pieces,
                               Last last) {
  keep_alive_ = can_keep_alive();
  status_ = answer.status;
  bodiless_ = answer.status < 200 || answer.status == 204 || answer.status == 304;
  chunked_out_ = !answer.length && !old_version_ && !bodiless_;
  length_left_ = answer.length.value_or(UINT64_MAX);
  started_ = true;
  if (!answer.length && old_version_) keep_alive_ = false;

  const std::string_view head = compose_head(answer);
  if (head_only_ || bodiless_) {
    ended_ = last == Last::Yes || head_only_;
    bodiless_ = true;
    return write({&head, 1});
  }
  Gather gather;
  gather.add(head);
  const std::uint64_t bytes = total(pieces);
  if (chunked_out_ && bytes > 0) {
    gather.add({chunk_head_.data(), http1::write_chunk_head(chunk_head_.data(), bytes)});
  }
  for (std::string_view piece : pieces) gather.add(piece);
  if (chunked_out_ && bytes > 0) gather.add(http1::kChunkEnd);
  if (chunked_out_ && last == Last::Yes) gather.add(http1::kLastChunk);
  bytes_sent_ += bytes;
  length_left_ -= std::min(bytes, length_left_);
  ended_ = last == Last::Yes;
  if (ended_ && answer.length && length_left_ > 0) keep_alive_ = false;
  return write(gather.pieces());
}

Task<bool> HttpExchange::send(std::span<const std::string_view> pieces, Last last) {
  if (ended_) return !broken();
  ended_ = last == Last::Yes;
  if (bodiless_) return !broken();
  const std::uint64_t bytes = total(pieces);
  Gather gather;
  if (chunked_out_ && bytes > 0) {
    gather.add({chunk_head_.data(), http1::write_chunk_head(chunk_head_.data(), bytes)});
  }
  for (std::string_view piece : pieces) gather.add(piece);
  if (chunked_out_ && bytes > 0) gather.add(http1::kChunkEnd);
  if (chunked_out_ && ended_) gather.add(http1::kLastChunk);
  bytes_sent_ += bytes;
  if (!chunked_out_ && !old_version_) {
    length_left_ -= std::min(bytes, length_left_);
    if (ended_ && length_left_ > 0)
      broken_ = true;  // Less than announced: only closing tells the truth.
  }
  if (gather.pieces().empty()) return !broken();
  return write(gather.pieces());
}

}  // namespace sluice::net
