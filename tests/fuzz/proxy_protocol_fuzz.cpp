// PROXY headers: the answer for a beginning never changes when more comes, and never takes too
// long.
#include "net/proxy_protocol.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sluice::net::ProxyHeader;
  using State = ProxyHeader::State;
  const std::string_view bytes(reinterpret_cast<const char*>(data),
                               std::min(size, std::size_t{700}));

  const ProxyHeader whole = sluice::net::parse_proxy_header(bytes);
  require(whole.state != State::Incomplete || bytes.size() < ProxyHeader::kMaxSize);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const ProxyHeader part = sluice::net::parse_proxy_header(bytes.substr(0, cut));
    switch (part.state) {
      case State::Incomplete:
        require(whole.state != State::Complete || cut < whole.size);
        break;
      case State::Complete:
        require(part.size > 0 && part.size <= cut && part.size <= ProxyHeader::kMaxSize);
        require(whole.state == State::Complete && whole.size == part.size);
        require(whole.source == part.source);
        require(!part.source || part.source->ip());
        break;
      case State::Malformed:
        require(whole.state == State::Malformed);
        break;
    }
  }
  return 0;
}
