#include "server/reply_writer.h"

#include "dialect/stream_error.h"

#include <vector>

namespace sluice::server {
namespace {

using net::Last;

// The raw frames of a batch; few, as neighbours come as one.
class Frames {
 public:
  explicit Frames(const Batch& batch) {
    if (batch.items.size() == 1) {
      one_ = batch.items.front().raw;
      return;
    }
    many_.reserve(batch.items.size());
    for (const Item& item : batch.items) many_.push_back(item.raw);
  }
  std::span<const std::string_view> pieces() const {
    if (!many_.empty()) return many_;
    return {&one_, one_.empty() ? std::size_t{0} : std::size_t{1}};
  }
  std::size_t size() const {
    std::size_t all = 0;
    for (const std::string_view piece : pieces()) all += piece.size();
    return all;
  }

 private:
  std::string_view one_;
  std::vector<std::string_view> many_;
};

Last last(const Batch& batch) {
  return batch.last ? Last::Yes : Last::No;
}

// The answer cannot be completed: the stream's own error event says so; of bytes, only a broken
// connection.
Task<Result<void>> end_broken(net::HttpExchange& exchange, const Context& context,
                              const Request& request, const Reply& reply, Failure failure) {
  if (!tells_errors(reply.head.framing)) {
    exchange.close_after();
    co_return pass_on(failure);
  }
  const std::string event =
      dialect::stream_error(*failure, request.operation, context.family, context.id);
  const std::string_view piece = event;
  co_await exchange.send({&piece, 1}, Last::Yes);
  co_return pass_on(failure);
}

}  // namespace

Task<Result<bool>> begin_reply(net::HttpExchange& exchange, Pull& pull, HeadFields& head) {
  CO_TRY(const Batch batch, co_await pull.next());
  const Frames frames(batch);
  ReplyHead& told = pull.reply().head;
  // Whole answers that were written here: now it is known how long they are.
  if (batch.last && told.framing == Framing::None && !told.length) told.length = frames.size();
  const net::HttpAnswer answer{.status = told.status,
                               .content_type = told.content_type,
                               .length = told.length,
                               .fields = head.fields(),
                               .more_fields = told.fields};
  const bool reached = co_await exchange.start(answer, frames.pieces(), last(batch));
  co_return reached && !batch.last;
}

Task<Result<void>> continue_reply(net::HttpExchange& exchange, Context& context,
                                  const Request& request, Pull& pull) {
  release_request(exchange, context, pull.reply());
  for (;;) {
    auto next = co_await pull.next();
    if (!next) {
      co_return co_await end_broken(exchange, context, request, pull.reply(),
                                    std::move(next.error()));
    }
    const Frames frames(*next);
    const bool reached = co_await exchange.send(frames.pieces(), last(*next));
    if (!reached || next->last) co_return Result<void>();
  }
}

void release_request(net::HttpExchange& exchange, Context& context, const Reply& reply) {
  if (reply.holds_request) return;
  context.head = nullptr;
  exchange.release_request();
}

}  // namespace sluice::server
