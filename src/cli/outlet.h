// The way out for one answer: its head goes before the first bytes, at once or dripping.
#pragma once

#include "sluice/task.h"

#include "net/http_exchange.h"
#include "providers/simulator/simulator.h"

#include <span>
#include <string_view>

namespace sluice::cli {

class Outlet {
 public:
  Outlet(net::HttpExchange& exchange, providers::simulator::Head head);

  Duration wait_before_head() const { return head_.wait; }
  // No bytes: only the head, if it has not gone yet. False: the caller cannot be reached any more.
  Task<bool> send(std::string_view bytes, net::Last last);

 private:
  net::HttpAnswer answer() const;
  Task<bool> drip_head();
  Task<bool> send_beside(std::string_view bytes, net::Last last);
  Task<bool> write(std::span<const std::string_view> pieces);
  bool chunked() const;

  net::HttpExchange& exchange_;
  providers::simulator::Head head_;
  std::span<Field> fields_;
  bool begun_ = false;
};

}  // namespace sluice::cli
