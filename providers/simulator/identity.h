// Who an answer is: everything that looks random in it comes from here, and so from the request
// alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::providers::simulator {

std::uint64_t hash_of(std::string_view text, std::uint64_t seed);
std::uint64_t mixed(
    std::uint64_t number);  // One step of a good scrambler: neighbours become strangers.

struct Identity {
  std::uint64_t hash = 0;
  std::int64_t created = 0;
  std::string model;

  // PREFIX and 24 letters and digits; another index is another id.
  void append_id(std::string& out, std::string_view prefix, std::uint64_t index = 0) const;
  std::string id(std::string_view prefix, std::uint64_t index = 0) const;
};

}  // namespace sluice::providers::simulator
