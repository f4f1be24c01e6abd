// Every call of the admin API: one row each.
#pragma once

#include "sluice/error.h"
#include "sluice/task.h"

#include "admin/access.h"
#include "admin/operator.h"
#include "net/http_exchange.h"

#include <span>
#include <string>
#include <string_view>

namespace sluice::admin {

struct Answer {
  int status = 200;
  std::string body = {};
  std::string_view content_type = "application/json";
};

struct Route {
  std::string_view path;
  net::http1::Method method;  // Get stands for HEAD, too.
  Access access;
  Task<Result<Answer>> (*call)(Operator& gateway, net::HttpExchange& exchange);
};

std::span<const Route> routes();
const Route* find_route(std::string_view path);  // Null: there is no such path.

}  // namespace sluice::admin
