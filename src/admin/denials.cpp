#include "admin/denials.h"

#include "base/log.h"

namespace sluice::admin {
namespace {

constexpr Duration kQuiet = std::chrono::seconds(10);

}  // namespace

void Denials::tell(const net::HttpExchange& exchange, const ApiError& error) {
  const Instant now = exchange.loop().now();
  if (now < quiet_until_) {
    ++untold_;
    return;
  }
  const std::string_view target = exchange.head().target;
  log::warn("admin", "a call was denied",
            {{"path", target.substr(0, target.find('?'))},
             {"peer", exchange.peer().text()},
             {"code", error.code},
             {"untold_before", untold_}});
  quiet_until_ = now + kQuiet;
  untold_ = 0;
}

}  // namespace sluice::admin
