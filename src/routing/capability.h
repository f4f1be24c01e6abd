// Whether a model can answer a request at all, as far as is known before it is asked.
#pragma once

#include "sluice/catalogue.h"

#include "routing/request_facts.h"

#include <span>

namespace sluice::routing {

enum class Lacks : std::uint8_t { Nothing, Operation, Window, Ability };

struct Lack {
  Lacks what = Lacks::Nothing;
  sluice::Ability ability{};  // The first that is missing.
  std::int64_t wanted = 0;    // Of Window: tokens of input and of the answer,
  std::int64_t window = 0;    // and what the model has.

  explicit operator bool() const { return what != Lacks::Nothing; }
};

// What this model lacks for the request. What is not known of it (null) is presumed to be there.
Lack lack_of(RequestFacts& request, const ProviderKind* kind, const ModelFacts* facts,
             std::string_view model);

// The error of a request that no target can take, of what each of them lacks.
ApiError nobody_can(const Request& request, std::span<const Lack> lacks);

}  // namespace sluice::routing
