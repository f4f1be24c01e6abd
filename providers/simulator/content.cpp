#include "providers/simulator/content.h"

#include "providers/simulator/tokens.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sluice::providers::simulator {
namespace {

// Begins with a space and ends with a full stop, so that it can follow itself.
constexpr std::string_view kLorem =
    " Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut "
    "labore et dolore"
    " magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut "
    "aliquip ex ea commodo"
    " consequat. Duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu "
    "fugiat nulla"
    " pariatur. Excepteur sint occaecat cupidatat non proident, sunt in culpa qui officia deserunt "
    "mollit anim id est"
    " laborum.";

// Lorem behind so many whole passages; the first one begins without its space.
Content::Cursor behind_passages(std::size_t passages) {
  static const auto pieces = count_pieces(kLorem);
  Content::Cursor cursor;
  if (passages > 0) cursor.offset = passages * kLorem.size() - 1;
  cursor.pieces = passages * pieces;
  return cursor;
}

}  // namespace

Content::Content(Kind kind, std::string text, std::size_t pieces, std::size_t bytes)
    : text_(std::move(text)), pieces_(pieces), bytes_(bytes), kind_(kind) {}

Content Content::words(std::string text) {
  auto pieces = count_pieces(text);
  return {Kind::Words, std::move(text), pieces, kUnlimited};
}

Content Content::lorem(std::size_t pieces) {
  return {Kind::Lorem, {}, pieces, kUnlimited};
}

Content Content::numbered(std::size_t pieces) {
  return {Kind::Numbered, {}, pieces, kUnlimited};
}

Content Content::filler(std::size_t bytes) {
  Content content(Kind::Lorem, {}, kUnlimited, bytes);
  content.count();
  return content;
}

void Content::count() {
  const bool lorem = kind_ == Kind::Lorem && bytes_ != kUnlimited;
  auto cursor = lorem ? behind_passages(bytes_ / kLorem.size()) : Cursor();
  while (!next(cursor).empty()) {
  }
  pieces_ = cursor.pieces;
}

void Content::begin_behind(std::string_view begun) {
  if (begun.empty()) return;
  std::string all;
  append_to(all);
  if (all.starts_with(begun)) *this = words(all.substr(begun.size()));
}

void Content::stop_at(std::span<const std::string> stops) {
  if (stops.empty()) return;
  std::string all;
  append_to(all);
  auto end = std::string::npos;
  for (const auto& stop : stops) {
    if (!stop.empty()) end = std::min(end, all.find(stop));
  }
  if (end == std::string::npos) return;
  bytes_ = end;
  count();
}

void Content::keep(std::size_t pieces) {
  if (pieces >= pieces_) return;
  pieces_ = pieces;
  shortened_ = true;
}

std::string_view Content::next(Cursor& cursor) const {
  if (cursor.pieces == pieces_ || cursor.offset >= bytes_) return {};

  std::string_view piece;
  if (kind_ == Kind::Numbered) {
    auto* end = std::to_chars(cursor.number.data(), cursor.number.data() + cursor.number.size() - 1,
                              cursor.pieces)
                    .ptr;
    *end++ = ' ';
    piece = {cursor.number.data(), end};
  } else if (kind_ == Kind::Lorem) {
    auto start = (cursor.offset + 1) % kLorem.size();
    piece = kLorem.substr(start, piece_end(kLorem, start) - start);
  } else {
    if (cursor.offset == text_.size()) return {};
    std::string_view text = text_;
    piece = text.substr(cursor.offset, piece_end(text, cursor.offset) - cursor.offset);
  }

  piece = piece.substr(0, bytes_ - cursor.offset);
  cursor.offset += piece.size();
  ++cursor.pieces;
  return piece;
}

void Content::append_to(std::string& out) const {
  if (kind_ == Kind::Lorem && bytes_ != kUnlimited && !shortened_) {
    const auto end = out.size() + bytes_;
    out += kLorem.substr(1, bytes_);
    while (out.size() < end) out += kLorem.substr(0, end - out.size());
    return;
  }
  Cursor cursor;
  for (auto piece = next(cursor); !piece.empty(); piece = next(cursor)) out += piece;
}

}  // namespace sluice::providers::simulator
