// Text as a decoder of UTF-8 reads it.
#pragma once

#include <string>
#include <string_view>

namespace sluice::ledger {

// `text`, or a copy in `kept` in which each ill-formed part is a U+FFFD: a part is the longest
// beginning of a sequence, or one byte, as the WHATWG's decoder has it.
std::string_view well_formed(std::string_view text, std::string& kept);

}  // namespace sluice::ledger
