// Where a part of a scalar stands in the file: columns, through quotes.
#pragma once

#include "config/node.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace sluice::config {

// The rest of the line from a position on; empty where there is none.
std::string_view line_from(std::string_view source, Position at);

// How many bytes of `line`, which the scalar begins, stand before the byte `offset` of the scalar's
// text. nullopt: the scalar is not written in this line alone, or in a way that is not counted.
std::optional<std::size_t> bytes_before(std::string_view line, const Node& node,
                                        std::size_t offset);

}  // namespace sluice::config
