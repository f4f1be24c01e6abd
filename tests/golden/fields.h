// One request for each thing that a caller's dialect can say.
#pragma once

#include "golden/cases.h"

#include <string>
#include <vector>

namespace sluice::golden {

struct Field {
  std::string name;  // As the caller writes it.
  Json patch;        // Of the least request, as a merge patch.
};

// A request of this dialect that says as little as possible.
Json least_request(Dialect caller);
std::vector<Field> fields_of(Dialect caller);

}  // namespace sluice::golden
