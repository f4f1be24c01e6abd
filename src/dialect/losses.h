// What a request says that its target cannot be told. Nothing vanishes silently: it is dropped and
// listed, or the request is refused.
#pragma once

#include "sluice/context.h"
#include "sluice/conversation.h"
#include "sluice/drop_policy.h"
#include "sluice/error.h"

#include <span>
#include <string_view>

namespace sluice::dialect {

class Losses {
 public:
  Losses(const DropPolicy& policy, Arena& arena) : policy_(policy), arena_(&arena) {}

  // The target has no such field. Fields are named as the caller wrote them where that is known,
  // with a path: "tools[2].cache_control".
  Result<void> lose(Importance importance, std::string_view field, std::string_view why = {});
  Result<void> hint(std::string_view field) { return lose(Importance::Hint, field); }
  Result<void> meaning(std::string_view field, std::string_view why = {}) {
    return lose(Importance::Meaning, field, why);
  }
  // Every extra that is not `spoken`'s own.
  Result<void> extras(std::span<const Extra> extras, Dialect spoken);
  // Told as nearly as the target can take it.
  void approximate(std::string_view field);

  std::span<const std::string_view> dropped() const { return dropped_.first(dropped_size_); }
  std::span<const std::string_view> approximated() const {
    return approximated_.first(approximated_size_);
  }

 private:
  void note(std::span<std::string_view>& list, std::size_t& size, std::string_view field);

  DropPolicy policy_;
  Arena* arena_;
  std::span<std::string_view> dropped_;
  std::size_t dropped_size_ = 0;
  std::span<std::string_view> approximated_;
  std::size_t approximated_size_ = 0;
};

// What was dropped, for the caller to read: the names outlive the request's body.
void list_dropped(Context& context, const Losses& losses);

}  // namespace sluice::dialect
