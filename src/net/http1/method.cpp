#include "net/http1/method.h"

#include <array>
#include <cstddef>

namespace sluice::net::http1 {
namespace {

constexpr std::array<std::string_view, 10> kNames = {
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", ""};

}  // namespace

Method method_of(std::string_view text) {
  if (text == "POST") return Method::Post;
  if (text == "GET") return Method::Get;
  for (std::size_t i = 0; i + 1 < kNames.size(); ++i) {
    if (kNames[i] == text) return static_cast<Method>(i);
  }
  return Method::Other;
}

std::string_view method_name(Method method) {
  const auto at = static_cast<std::size_t>(method);
  return at < kNames.size() ? kNames[at] : std::string_view{};
}

}  // namespace sluice::net::http1
