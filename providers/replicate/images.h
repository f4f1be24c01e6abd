// OpenAI's requests for images, as predictions.
#pragma once

#include "sluice/provider.h"

#include "base/json.h"
#include "dialect/replicate.h"

#include <string_view>

namespace sluice::providers {

Result<std::string_view> replicate_image_body(Context& context, const Request& request,
                                              const Target& target, json::Reader& reader);

// The answer: where each image is found.
std::string_view replicate_images(const dialect::Prediction& prediction, Context& context);

}  // namespace sluice::providers
