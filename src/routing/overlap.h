// The seam between a text that broke off and what another says next: what both have goes out once.
#pragma once

#include <string>
#include <string_view>

namespace sluice::routing {

class Overlap {
 public:
  enum class Repeats : bool { No, Perhaps };

  Overlap() = default;  // No seam: everything passes.
  // `told` broke off. The next text is asked to go on behind it without its `held_back` bytes of
  // white space at the end; some models begin with words that were there already.
  Overlap(std::string_view told, std::size_t held_back, Repeats repeats);

  // What of this piece, and of those before it, is new. The view lives until the next call.
  std::string_view take(std::string_view piece);
  // Nothing more comes.
  std::string_view finish();

 private:
  std::string_view decide();

  std::string told_;  // Its end.
  std::string held_;
  std::string given_;
  std::size_t held_back_ = 0;
  bool open_ = false;
};

}  // namespace sluice::routing
