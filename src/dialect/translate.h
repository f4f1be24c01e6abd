// From the caller's dialect to the target's, by way of our own words.
#pragma once

#include "sluice/context.h"
#include "sluice/provider.h"

#include "dialect/conversation_dialect.h"

namespace sluice::dialect {

// The target is asked, or answers, in another way than the caller.
bool differs(const Request& request, Dialect spoken);

// Reads the body into request.conversation, unless that was done before. Both live in the draft.
Result<void> read_conversation(Context& context, Request& request);

// The body that asks `target` the same in the dialect `spoken`, after read_conversation(). Fields
// that it cannot be told are listed in the context.
Result<std::string_view> write_conversation(Context& context, const Request& request,
                                            const Target& target, Dialect spoken);

// The same of any operation that can be told in `spoken`: embeddings and rankings, too.
Result<std::string_view> write_body(Context& context, const Request& request, const Target& target,
                                    Dialect spoken);

// Reads the answer to it. Null: nobody can.
ArenaPtr<Decoder> answer_decoder(Context& context, const Request& request, Dialect spoken);

// The model's own name within a target; what is known of it.
Wanted wanted_of(const Request& request, const Target& target);

}  // namespace sluice::dialect
