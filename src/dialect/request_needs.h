// What a request needs of the model that answers it.
#pragma once

#include "sluice/catalogue.h"
#include "sluice/context.h"

#include <string_view>

namespace sluice::dialect {

// No more than these, by a scan for words that only structure can hold: a quote within a JSON
// string is escaped, so an unescaped "image_url" was not written by a user. What is not here is not
// needed, unless its key is written with escapes, which only makes a target refuse it.
Abilities possible_needs(std::string_view body, Dialect dialect);

// Exactly. A wish to think is here, too, and one for parallel calls, though no target must fulfil
// them.
Abilities needs_of(const Conversation& conversation, Dialect dialect);

// Exactly what is asked in a body whose possible needs are these: the conversation is read, and
// kept in the request, only when there are any. Nothing of a body that cannot be read: whoever is
// asked will say why.
Abilities needs_of(Context& context, Request& request, Abilities possible);

// Those without which a target cannot answer; all others are hints.
constexpr Abilities hard(Abilities needs) {
  Abilities hints;
  hints.add(Ability::ParallelTools);
  hints.add(Ability::Reasoning);
  hints.add(Ability::PromptCache);
  hints.add(Ability::SystemTurns);
  return Abilities(needs.bits() & ~hints.bits());
}

// As the catalogue and docs call it: "images_in".
std::string_view ability_word(Ability ability);

}  // namespace sluice::dialect
