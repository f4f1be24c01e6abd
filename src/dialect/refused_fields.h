// Fields of an OpenAI request that its target would answer with an error.
#pragma once

#include "sluice/catalogue.h"
#include "sluice/context.h"
#include "sluice/request.h"

#include "base/json.h"

namespace sluice::dialect {

// Of the field of this name at the top of a chat request.
Importance importance_of(std::string_view field);

// Those at the top of the body, as the context lets them be dropped; they are listed there.
Result<std::span<const std::string_view>> drop_refused_fields(Context& context,
                                                              const Request& request,
                                                              const Quirks& quirks,
                                                              json::Reader& reader);

}  // namespace sluice::dialect
