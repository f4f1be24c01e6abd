// What operators and scrapers ask over HTTP: health, metrics, the configuration and its reload.
#pragma once

#include "admin/denials.h"
#include "admin/operator.h"
#include "net/http_connection.h"

#include <string>
#include <string_view>

namespace sluice::admin {

class AdminApi final : public net::HttpHandler {
 public:
  // Who asks is looked up in the configuration that is in force at each request.
  explicit AdminApi(Operator& gateway) : operator_(gateway) {}

  Task<void> handle(net::HttpExchange& exchange) override;
  std::string refusal(const net::http1::HeadError& error) override;

 private:
  Task<void> answer(net::HttpExchange& exchange);
  Task<void> refuse(net::HttpExchange& exchange, const ApiError& error);

  Operator& operator_;
  Denials denials_;
};

}  // namespace sluice::admin
