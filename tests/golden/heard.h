// All that an answer says, whichever dialect and however many pieces it came in.
#pragma once

#include "sluice/provider.h"

#include "golden/cases.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace sluice::golden {

// In the shape of says.json.
struct Heard {
  Json text = Json::object();
  Json reasoning = Json::object();
  Json refusal = Json::object();
  Json tool_calls = Json::array();
  Json finish = Json::object();
  Json usage;
  bool error = false;
  // Beyond says.json.
  Json call_ids = Json::array();
  Json signatures = Json::array();  // Of the calls: [whose, text], or null.
  Json seals = Json::array();       // Of the thoughts.
  Json stop_sequences = Json::object();
  bool ended = false;
  std::string trouble;  // Of the failure, if there was one.

  Json says() const;
};

// [whose, text], without the mark under which it travelled.
Json sealed(const Sealed& seal);

// Reads a whole answer, or a stream in pieces of at most `step` bytes, or cut in two at `cut`.
Heard hear(Dialect dialect, Framing framing, std::string_view answer, std::size_t step);
Heard hear_cut(Dialect dialect, Framing framing, std::string_view answer, std::size_t cut);

// The answer in another dialect, as `caller` would get it.
struct Told {
  Heard heard;  // What was told: names that a decoder makes up are others each time.
  std::string body;
  std::string content_type;
};
Told tell(const Case& one, Dialect caller, bool stream);
Told tell(std::span<const Event> events, Dialect caller, bool stream);

}  // namespace sluice::golden
