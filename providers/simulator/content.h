// What a simulated model says, made piece by piece: an answer of 10,000 pieces is never held in
// memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace sluice::providers::simulator {

class Content {
 public:
  // Where a reader stands. A piece may live in `number`, so a cursor outlives the piece it gave.
  struct Cursor {
    std::size_t offset = 0;
    std::size_t pieces = 0;
    std::array<char, 24> number{};
  };

  Content() = default;
  static Content words(std::string text);
  static Content lorem(std::size_t pieces);
  static Content numbered(std::size_t pieces);  // "0 ", "1 ", "2 ", …
  static Content filler(std::size_t bytes);     // Lorem of exactly that size.

  // Begins behind these words, if it begins with them.
  void begin_behind(std::string_view words);
  // Ends before the first stop text, and after `pieces` at the latest.
  void stop_at(std::span<const std::string> stops);
  void keep(std::size_t pieces);

  std::string_view next(Cursor& cursor) const;  // Empty at the end.
  void append_to(std::string& out) const;       // All of it at once.
  std::size_t pieces() const { return pieces_; }
  bool shortened() const { return shortened_; }  // keep() took something away.

 private:
  enum class Kind : std::uint8_t { Words, Lorem, Numbered };
  static constexpr auto kUnlimited = std::numeric_limits<std::size_t>::max();

  Content(Kind kind, std::string text, std::size_t pieces, std::size_t bytes);
  void count();

  std::string text_;
  std::size_t pieces_ = 0;
  std::size_t bytes_ = kUnlimited;
  Kind kind_ = Kind::Words;
  bool shortened_ = false;
};

}  // namespace sluice::providers::simulator
