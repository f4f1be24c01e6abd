#include "routing/told_so_far.h"

#include <type_traits>

namespace sluice::routing {

void ToldSoFar::add(const Event& event) {
  std::visit(
      [this]<class E>(const E& what) {
        if constexpr (std::is_same_v<E, ReplyStarted>) {
          started_ = true;
        } else if constexpr (std::is_same_v<E, TextDelta>) {
          started_content_ |= !what.text.empty();
          plain_ &= what.choice == 0;
          text_ += what.text;
        } else if constexpr (std::is_same_v<E, ReplyStopped>) {
          stopped_ = true;
        } else if constexpr (std::is_same_v<E, ReasoningDelta>) {
          started_content_ |= !what.text.empty();
        } else if constexpr (!std::is_same_v<E, Usage> && !std::is_same_v<E, ReplyExtra> &&
                             !std::is_same_v<E, BlockEnded> && !std::is_same_v<E, LogprobsDelta>) {
          started_content_ = true;
          plain_ = false;
        }
      },
      event);
}

}  // namespace sluice::routing
