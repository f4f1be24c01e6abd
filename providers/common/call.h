// What the calls of all providers have in common.
#pragma once

#include "sluice/provider.h"

#include <string_view>

namespace sluice::providers {

// A call of `path`, below the provider's own base, with the headers that go to every provider: the
// caller's that may pass, and those that are configured.
UpstreamRequest begin_call(Context& context, const Request& request, const Target& target,
                           std::string_view path);

// The same call once more: what a credential adds to it is not the other one's.
UpstreamRequest repeated(const UpstreamRequest& call, Arena& arena);

// Its body, in one piece.
void set_body(UpstreamRequest& call, std::string_view body, Arena& arena);

// The caller's body as it is: of an operation that is not read, or a form.
void pass_body(UpstreamRequest& call, const Request& request, const Target& target);

// An error of ours for a provider's status: its kind, code, words for the caller and whether
// another try may help. `message` are the provider's own words, if there are any.
ApiError refusal(int status, std::string message);

// A model's name as one segment of a path: everything but letters, digits and -._~ is escaped.
std::string_view path_segment(std::string_view name, Arena& arena);

}  // namespace sluice::providers
