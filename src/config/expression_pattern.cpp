#include "config/expression_pattern.h"

namespace sluice::config {

TextPattern::TextPattern(std::string_view pattern) {
  std::size_t star = pattern.find('*');
  beginning_ = pattern.substr(0, star);
  while (star != std::string_view::npos) {
    has_star_ = true;
    pattern.remove_prefix(star + 1);
    star = pattern.find('*');
    const std::string_view between = pattern.substr(0, star);
    if (star == std::string_view::npos) {
      end_ = between;
    } else if (!between.empty()) {
      pieces_.emplace_back(between);
    }
  }
}

bool TextPattern::matches(std::string_view text) const noexcept {
  if (!has_star_) return text == beginning_;
  if (text.size() < beginning_.size() + end_.size()) return false;
  if (!text.starts_with(beginning_) || !text.ends_with(end_)) return false;
  text.remove_prefix(beginning_.size());
  text.remove_suffix(end_.size());
  // The first occurrence of each piece leaves the most for those behind it.
  for (const Piece& piece : pieces_) {
    const std::size_t end = piece.end_in(text);
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end);
  }
  return true;
}

TextPattern::Piece::Piece(std::string_view between) : text(between), borders(between.size(), 0) {
  std::uint16_t border = 0;
  for (std::size_t at = 1; at < text.size(); ++at) {
    while (border > 0 && text[at] != text[border]) border = borders[border - 1U];
    if (text[at] == text[border]) ++border;
    borders[at] = border;
  }
}

std::size_t TextPattern::Piece::end_in(std::string_view searched) const noexcept {
  std::size_t matched = 0;
  for (std::size_t at = 0; at < searched.size(); ++at) {
    while (matched > 0 && searched[at] != text[matched]) matched = borders[matched - 1];
    if (searched[at] == text[matched]) ++matched;
    if (matched == text.size()) return at + 1;
  }
  return std::string_view::npos;
}

}  // namespace sluice::config
