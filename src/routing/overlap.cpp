#include "routing/overlap.h"

#include <algorithm>

namespace sluice::routing {
namespace {

constexpr std::size_t kSeam = 256;   // How much is compared.
constexpr std::size_t kChance = 12;  // Shorter ones are no repetition but the language's.

bool is_space(char letter) {
  return letter == ' ' || letter == '\n' || letter == '\t' || letter == '\r';
}

// How much of the end of `told` stands at the beginning of `next`.
std::size_t common(std::string_view told, std::string_view next) {
  for (std::size_t size = std::min(told.size(), next.size()); size >= kChance; --size) {
    if (told.substr(told.size() - size) == next.substr(0, size)) return size;
  }
  return 0;
}

}  // namespace

Overlap::Overlap(std::string_view told, std::size_t held_back, Repeats repeats)
    : held_back_(held_back), open_(true) {
  const std::size_t kept = repeats == Repeats::Perhaps ? kSeam : held_back;
  told_ = told.substr(told.size() - std::min(kept, told.size()));
}

std::string_view Overlap::take(std::string_view piece) {
  if (!open_) return piece;
  held_ += piece;
  return held_.size() >= told_.size() ? decide() : std::string_view();
}

std::string_view Overlap::finish() {
  return open_ ? decide() : std::string_view();
}

std::string_view Overlap::decide() {
  open_ = false;
  given_ = std::move(held_);
  std::string_view next = given_;
  if (const std::size_t repeated = common(told_, next)) return next.substr(repeated);
  // The white space that it was not told of, as far as it made the same.
  const std::string_view space =
      std::string_view(told_).substr(told_.size() - std::min(held_back_, told_.size()));
  std::size_t same = 0;
  while (same < space.size() && same < next.size() && is_space(next[same]) &&
         next[same] == space[same]) {
    ++same;
  }
  return next.substr(same);
}

}  // namespace sluice::routing
