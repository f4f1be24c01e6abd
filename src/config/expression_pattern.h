// Patterns with stars, matched in time linear in the text, whatever both are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

// A star stands for any bytes, also none; all else for itself. At most 64 KiB long.
class TextPattern {
 public:
  explicit TextPattern(std::string_view pattern);

  bool matches(std::string_view text) const noexcept;

 private:
  // What stands between two stars, found as Knuth, Morris and Pratt do.
  struct Piece {
    explicit Piece(std::string_view between);
    // Where its first occurrence ends; npos: there is none.
    std::size_t end_in(std::string_view text) const noexcept;

    std::string text;
    std::vector<std::uint16_t> borders;  // Of each prefix: the longest that it also ends in.
  };

  bool has_star_ = false;
  std::string beginning_;
  std::vector<Piece> pieces_;
  std::string end_;
};

}  // namespace sluice::config
