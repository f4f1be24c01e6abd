#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::net::http1 {

enum class Method : std::uint8_t {
  Get,
  Head,
  Post,
  Put,
  Patch,
  Delete,
  Options,
  Connect,
  Trace,
  Other,
};

// Exactly the upper-case name: methods have case.
Method method_of(std::string_view text);
// Empty for Other.
std::string_view method_name(Method method);

}  // namespace sluice::net::http1
