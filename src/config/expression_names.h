// The names of the expression language: what they are called and what they can be.
#pragma once

#include "config/expression.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::config {

// Before the name of a tag or a header.
inline constexpr std::string_view kTags = "request.tags";
inline constexpr std::string_view kHeaders = "request.headers";

std::optional<Name> find_name(std::string_view written);

// The only texts that it can be; empty: any.
std::span<const std::string_view> name_words(Name name);

// What to say of a name that does not exist.
std::string unknown_name(std::string_view written);

// A piece of an expression as messages show it: not long, and nothing that cannot be printed.
std::string shown(std::string_view piece);

// "; do you mean A or B?", "" when there is nothing to suggest.
std::string do_you_mean(std::span<const std::string_view> suggestions);

}  // namespace sluice::config
