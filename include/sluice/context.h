// Everything of one request that is not its content. Outlives the reply's stream.
#pragma once

#include "sluice/account.h"
#include "sluice/arena.h"
#include "sluice/clock.h"
#include "sluice/drop_policy.h"
#include "sluice/operation.h"
#include "sluice/principal.h"
#include "sluice/request.h"

#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace sluice {

namespace config {
class Snapshot;
}

// The head of the caller's request, while it is there: until the answer is under way.
class CallerHead {
 public:
  virtual ~CallerHead() = default;
  virtual std::optional<std::string_view> field(std::string_view name) const = 0;  // Lower case.
};

struct Context {
  Context(Arena& lasting, Arena& passing, Clock& time)
      : arena(lasting), draft(passing), clock(time) {}

  std::string_view id;
  std::string_view trace_parent;
  std::span<const Field>
      account_fields;  // Of the caller's account there; go only with its credential.
  std::string_view
      credential;  // As the caller presented it; only for providers it is passed on to.
  Family family = Family::OpenAi;
  const CallerHead* head = nullptr;
  std::string_view user;           // Whom the caller says it asks for: x-sluice-user.
  std::span<const Field> tags;     // x-sluice-tags
  bool explain = false;            // The caller wants to know how its target was chosen:
  std::string_view explanation;    // set by routing then, a JSON text.
  std::span<const Field> notices;  // That the answer carries: a name that will go away.
  Instant arrival{};
  Instant deadline = kNever;  // The one deadline; only ever moved closer.
  bool abandoned = false;     // The caller has left: what was begun may end, nothing more is begun.
  std::shared_ptr<const config::Snapshot> config;  // The request ends under the one it began with.
  std::optional<Principal> principal;              // Set by authentication; required behind it.
  Account account;
  DropPolicy drop;
  bool drop_asked = false;                    // By the caller itself.
  std::span<const std::string_view> dropped;  // Fields of the request that the target was not told.
  std::span<const Field>
      refusal_fields;  // Of a provider's refusal; they live as long as the draft.

  Arena& arena;  // Lives as long as the context.
  Arena& draft;  // Given back once the answer is under way: request bodies, upstream heads.
  Clock& clock;
};

}  // namespace sluice
