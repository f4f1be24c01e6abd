#include "cli/outlet.h"

#include "net/http1/chunk.h"
#include "net/http1/head_writer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::cli {
namespace {

constexpr Duration kPatience = std::chrono::minutes(10);
constexpr std::size_t kDrops = 16;

}  // namespace

Outlet::Outlet(net::HttpExchange& exchange, providers::simulator::Head head)
    : exchange_(exchange),
      head_(std::move(head)),
      fields_(exchange.arena().array<Field>(head_.headers.size())) {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    fields_[i] = {head_.headers[i].name, head_.headers[i].value};
  }
}

Task<bool> Outlet::send(std::string_view bytes, net::Last last) {
  if (head_.drip.count() > 0) co_return co_await send_beside(bytes, last);
  if (!std::exchange(begun_, true)) {
    co_return co_await exchange_.start(answer(), {&bytes, 1}, last);
  }
  co_return co_await exchange_.send({&bytes, 1}, last);
}

net::HttpAnswer Outlet::answer() const {
  return {.status = head_.status,
          .content_type = head_.content_type,
          .length = head_.content_length,
          .fields = fields_};
}

// The exchange writes heads in one piece: so a dripping answer goes past it, and ends its
// connection.
Task<bool> Outlet::send_beside(std::string_view bytes, net::Last last) {
  if (!std::exchange(begun_, true) && !co_await drip_head()) co_return false;
  if (!chunked()) co_return co_await write({&bytes, 1});
  std::array<char, net::http1::kMaxChunkHead> size;
  std::array<std::string_view, 4> pieces;
  if (!bytes.empty()) {
    pieces[0] = {size.data(), net::http1::write_chunk_head(size.data(), bytes.size())};
    pieces[1] = bytes;
    pieces[2] = net::http1::kChunkEnd;
  }
  if (last == net::Last::Yes) pieces[3] = net::http1::kLastChunk;
  co_return co_await write(pieces);
}

Task<bool> Outlet::drip_head() {
  std::array<char, 1024> room;
  net::http1::HeadWriter writer(room);
  writer.status_line(head_.status);
  writer.field("content-type", head_.content_type);
  if (head_.content_length) writer.field("content-length", *head_.content_length);
  if (chunked()) writer.field("transfer-encoding", "chunked");
  writer.field("connection", "close");
  for (const Field& field : fields_) writer.field(field.name, field.value);
  writer.end();

  net::Loop& loop = exchange_.loop();
  const Instant begun = loop.now();
  const std::string_view text = writer.view();
  for (std::size_t drop = 0; drop < kDrops; ++drop) {
    const std::size_t from = text.size() * drop / kDrops;
    const std::string_view piece = text.substr(from, text.size() * (drop + 1) / kDrops - from);
    if (!co_await write({&piece, 1})) co_return false;
    co_await loop.sleep_until(begun + Duration(head_.drip) * (drop + 1) / kDrops);
  }
  co_return true;
}

Task<bool> Outlet::write(std::span<const std::string_view> pieces) {
  const auto status = co_await net::write_all(exchange_.transport(), pieces, kPatience);
  co_return status == net::IoStatus::Ok;
}

bool Outlet::chunked() const {
  return !head_.content_length && exchange_.head().minor_version > 0;
}

}  // namespace sluice::cli
