#include "admin/routes.h"

#include "admin/calls.h"

#include <algorithm>
#include <array>

namespace sluice::admin {
namespace {

using net::http1::Method;

constexpr std::array kRoutes{
    Route{"/livez", Method::Get, Access::Anyone, live},
    Route{"/healthz", Method::Get, Access::Anyone, live},
    Route{"/readyz", Method::Get, Access::Anyone, ready},
    Route{"/metrics", Method::Get, Access::Viewer, metrics},
    Route{"/openapi.json", Method::Get, Access::Viewer, openapi},
    Route{"/admin/v1/providers", Method::Get, Access::Viewer, providers},
    Route{"/admin/v1/explain", Method::Get, Access::Viewer, explain},
    Route{"/admin/v1/feedback", Method::Post, Access::Admin, feedback},
    Route{"/admin/v1/config", Method::Get, Access::Viewer, show_config},
    Route{"/admin/v1/config/check", Method::Post, Access::Admin, check_config},
    Route{"/admin/v1/reload", Method::Post, Access::Admin, reload},
};

}  // namespace

std::span<const Route> routes() {
  return kRoutes;
}

const Route* find_route(std::string_view path) {
  const auto* found = std::ranges::find(kRoutes, path, &Route::path);
  return found == kRoutes.end() ? nullptr : found;
}

}  // namespace sluice::admin
