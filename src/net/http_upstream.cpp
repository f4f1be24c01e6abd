#include "net/http_upstream.h"

#include "net/http1/head_writer.h"
#include "net/http_reply.h"

#include <algorithm>
#include <array>

namespace sluice::net {
namespace {

using http1::HeaderId;

std::string_view compose_head(Context& context, const UpstreamRequest& request,
                              const HttpUpstreamSettings& settings) {
  std::size_t room = 256 + request.path.size() + settings.fixed_lines.size();
  for (const Field& field : request.fields.all())
    room += field.name.size() + field.value.size() + 4;

  http1::HeadWriter writer(context.draft.array<char>(room));
  writer.request_line(http1::method_of(request.method), request.path);
  writer.lines(settings.fixed_lines);
  for (const Field& field : request.fields.all()) writer.known_field(field.name, field.value);
  const std::optional<std::uint64_t> size = request.body ? request.body->size() : request.size;
  if (!size) {
    writer.field(HeaderId::TransferEncoding, "chunked");
  } else if (*size > 0 || request.method == "POST" || request.method == "PUT" ||
             request.method == "PATCH") {
    writer.field(HeaderId::ContentLength, *size);
  }
  writer.end();
  return writer.view();
}

std::unexpected<Failure> not_taken() {
  ApiError error{.kind = ErrorKind::UpstreamUnavailable,
                 .code = "upstream_error",
                 .message = "The provider closed the connection before it took the request.",
                 .retry = Retry::OtherTarget};
  return fail(std::move(error));
}

// False: the provider does not take it (any more); what it said meanwhile is the answer.
Task<Result<bool>> pass_body(Transport& transport, std::string_view head, BodySource& body,
                             Duration stall) {
  const bool chunked = !body.size();
  bool head_sent = false;
  for (;;) {
    CO_TRY(const std::string_view piece, co_await body.next());
    std::array<char, http1::kMaxChunkHead> chunk_head;
    std::array<std::string_view, 4> gather;
    std::size_t count = 0;
    if (!head_sent) gather[count++] = head;
    head_sent = true;
    if (chunked && !piece.empty()) {
      gather[count++] = {chunk_head.data(),
                         http1::write_chunk_head(chunk_head.data(), piece.size())};
      gather[count++] = piece;
      gather[count++] = http1::kChunkEnd;
    } else if (chunked) {
      gather[count++] = http1::kLastChunk;
    } else if (!piece.empty()) {
      gather[count++] = piece;
    }
    const IoStatus status = co_await write_all(transport, std::span(gather).first(count), stall);
    if (status != IoStatus::Ok) co_return false;
    if (piece.empty()) co_return true;
  }
}

Task<IoStatus> pass_pieces(Transport& transport, std::string_view head,
                           const UpstreamRequest& request, Context& context, Duration stall) {
  const std::span<std::string_view> gather =
      context.draft.array<std::string_view>(request.pieces.size() + 1);
  gather[0] = head;
  std::ranges::copy(request.pieces, gather.begin() + 1);
  return write_all(transport, gather, stall);
}

}  // namespace

HttpUpstreamSettings::HttpUpstreamSettings(const std::string& authority) : host(authority) {
  std::string space(authority.size() + 128, '\0');
  http1::HeadWriter writer(space);
  writer.field(HeaderId::Host, authority);
  writer.field(HeaderId::UserAgent, "sluice/0.1");
  writer.field(HeaderId::AcceptEncoding, "identity");
  fixed_lines = writer.view();
}

Task<Result<ArenaPtr<UpstreamReply>>> HttpUpstream::send(Context& context,
                                                         const UpstreamRequest& request,
                                                         Attempt& attempt) {
  const std::string_view head = compose_head(context, request, *settings_);
  const bool head_only = request.method == "HEAD";
  bool fresh = false;
  for (;;) {
    const Instant asked = context.clock.now();
    const Instant connect_by = std::min(context.deadline, asked + settings_->connect_timeout);
    Lease lease = fresh ? Lease() : pool_->take_idle();
    if (!lease) {
      CO_TRY(lease, co_await pool_->acquire(connect_by, fresh ? Freshness::New : Freshness::Any));
    }
    attempt.connecting = context.clock.now() - asked;
    const bool reused = lease.reused();
    auto reply = context.arena.make<HttpReply>(std::move(lease), head_only);

    bool written = false;
    if (request.body) {
      CO_TRY(written,
             co_await pass_body(reply->transport(), head, *request.body, settings_->write_timeout));
    } else {
      written = co_await pass_pieces(reply->transport(), head, request, context,
                                     settings_->write_timeout) == IoStatus::Ok;
    }
    if (!written) reply->do_not_reuse();
    // Not the loop's time of this turn: it tells our own work from the provider's.
    attempt.sent = std::chrono::steady_clock::now();

    // Also when the request was not taken whole: the provider may have said why.
    auto answered = co_await reply->read_head(context, request.answer_by, request.waiting_for,
                                              settings_->head_limit);
    if (answered) co_return ArenaPtr<UpstreamReply>(std::move(reply));

    // A kept connection that died before it said a word never saw the request: once more, on a new
    // one.
    const bool died_idle =
        reused && reply->untouched() && answered.error()->kind != ErrorKind::DeadlineExceeded;
    if (died_idle && !request.body && !fresh) {
      fresh = true;
      continue;
    }
    if (!written && reply->untouched()) co_return not_taken();
    co_return pass_on(answered.error());
  }
}

}  // namespace sluice::net
