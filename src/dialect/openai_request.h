// Reads what the policies need from an OpenAI request, and writes it again with only what must
// change.
#pragma once

#include "sluice/arena.h"
#include "sluice/request.h"

#include "base/json.h"

#include <string_view>

namespace sluice::dialect {

// Fills the policy fields of `request` from a JSON body, which must live as long as the request.
Result<void> read_openai_request(std::string_view body, const json::Limits& limits,
                                 json::Reader& reader, Arena& arena, Request& request);

enum class AskForUsage : bool { No, Yes };

struct EditedBody {
  std::span<const std::string_view> pieces;
  std::size_t size = 0;
};

struct Edits {
  std::string_view model = {};  // Empty: what the body says stays.
  AskForUsage ask = AskForUsage::No;
  std::span<const std::string_view> without = {};  // Fields at the top.
};

// The body as it came, but for these. The reader's values are gone afterwards.
EditedBody edit_openai_request(const Request& request, const Edits& edits, json::Reader& reader,
                               Arena& arena);

}  // namespace sluice::dialect
