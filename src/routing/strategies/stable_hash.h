// Hashes that are the same in every process, on every machine and in every version: users are
// spread by them. Not for secrets, nor against who wants two texts to meet.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::routing {

// Every bit of the result depends on every bit given.
constexpr std::uint64_t mixed(std::uint64_t bits) {
  bits = (bits ^ (bits >> 32)) * 0xd6e8feb86659fd93;
  bits = (bits ^ (bits >> 32)) * 0xd6e8feb86659fd93;
  return bits ^ (bits >> 32);
}

// What Choice::name and Wish::affinity are made with.
std::uint64_t stable_hash(std::string_view text);

}  // namespace sluice::routing
