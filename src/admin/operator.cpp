#include "admin/operator.h"

#include <algorithm>

namespace sluice::admin {

bool ReloadResult::failed() const {
  return std::ranges::any_of(diagnostics, [](const config::Diagnostic& each) {
    return each.severity == config::Diagnostic::Severity::Error;
  });
}

}  // namespace sluice::admin
