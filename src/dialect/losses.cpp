#include "dialect/losses.h"

#include <algorithm>

namespace sluice::dialect {
namespace {

// "tools[2].cache_control" is also named by "cache_control" and by "tools".
bool names(std::string_view wanted, std::string_view field) {
  if (wanted == field) return true;
  const std::string_view top = field.substr(0, field.find_first_of(".["));
  const std::size_t dot = field.rfind('.');
  const std::string_view leaf = dot == std::string_view::npos ? field : field.substr(dot + 1);
  return wanted == top || wanted == leaf;
}

bool may_drop(const DropPolicy& policy, Importance importance, std::string_view field) {
  switch (policy.which) {
    case DropPolicy::Which::None:
      return false;
    case DropPolicy::Which::Hints:
      return importance == Importance::Hint;
    case DropPolicy::Which::All:
      return true;
    case DropPolicy::Which::Named:
      return std::ranges::any_of(policy.names,
                                 [&](std::string_view name) { return names(name, field); });
  }
  return false;
}

}  // namespace

Result<void> Losses::lose(Importance importance, std::string_view field, std::string_view why) {
  if (may_drop(policy_, importance, field)) {
    note(dropped_, dropped_size_, field);
    return {};
  }
  std::string message = "The model that answers cannot be told \"" + std::string(field) + "\"";
  if (!why.empty()) message += ": " + std::string(why);
  message += ". Leave it out, or allow to drop it (x-sluice-drop).";
  return fail(ApiError{.kind = ErrorKind::InvalidRequest,
                       .code = "unsupported_parameter",
                       .message = std::move(message),
                       .param = std::string(field)});
}

Result<void> Losses::extras(std::span<const Extra> extras, Dialect spoken) {
  for (const Extra& extra : extras) {
    if (extra.of != spoken) TRY_VOID(lose(extra.importance, extra.name));
  }
  return {};
}

void Losses::approximate(std::string_view field) {
  note(approximated_, approximated_size_, field);
}

void Losses::note(std::span<std::string_view>& list, std::size_t& size, std::string_view field) {
  const auto said = list.first(size);
  if (std::ranges::find(said, field) != said.end()) return;
  if (size == list.size()) {
    const auto larger = arena_->array<std::string_view>(2 * size + 8);
    std::ranges::copy(said, larger.begin());
    list = larger;
  }
  list[size++] = arena_->keep(field);
}

void list_dropped(Context& context, const Losses& losses) {
  const auto dropped = context.arena.array<std::string_view>(losses.dropped().size());
  std::ranges::transform(losses.dropped(), dropped.begin(),
                         [&](std::string_view field) { return context.arena.keep(field); });
  context.dropped = dropped;
}

}  // namespace sluice::dialect
