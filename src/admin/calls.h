// What the calls do. They answer those who were admitted.
#pragma once

#include "admin/routes.h"

namespace sluice::admin {

Task<Result<Answer>> live(Operator& gateway, net::HttpExchange& exchange);
Task<Result<Answer>> ready(Operator& gateway, net::HttpExchange& exchange);
Task<Result<Answer>> metrics(Operator& gateway, net::HttpExchange& exchange);
Task<Result<Answer>> openapi(Operator& gateway, net::HttpExchange& exchange);
Task<Result<Answer>> providers(Operator& gateway, net::HttpExchange& exchange);
Task<Result<Answer>> explain(Operator& gateway, net::HttpExchange& exchange);
Task<Result<Answer>> feedback(Operator& gateway, net::HttpExchange& exchange);
Task<Result<Answer>> show_config(Operator& gateway, net::HttpExchange& exchange);
Task<Result<Answer>> check_config(Operator& gateway, net::HttpExchange& exchange);
Task<Result<Answer>> reload(Operator& gateway, net::HttpExchange& exchange);

}  // namespace sluice::admin
