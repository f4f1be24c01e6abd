// What only one provider can read travels through the callers of another dialect unharmed: it is
// written where that dialect keeps such texts, with a mark that says whose it is.
//
//   "sluice:" name-of-the-dialect ":" text
#pragma once

#include "sluice/arena.h"
#include "sluice/conversation.h"

#include <string>
#include <string_view>

namespace sluice::dialect {

inline constexpr std::string_view kSealMark = "sluice:";

// The name of a dialect in marks.
std::string_view seal_name(Dialect dialect);

// The text as it stands in a body of `carrier`: the carrier's own is not marked.
std::string_view carry_seal(const Sealed& seal, Dialect carrier, Arena& arena);
void carry_seal(const Sealed& seal, Dialect carrier, std::string& out);

// What stands there, without its mark: a view of `text`. No mark: it is the carrier's own.
Sealed read_seal(std::string_view text, Dialect carrier);

}  // namespace sluice::dialect
