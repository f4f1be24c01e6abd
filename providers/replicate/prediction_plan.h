// A prediction is asked after until it is done, after ever longer pauses.
#pragma once

#include "sluice/provider.h"

#include "base/json.h"

#include <cstdint>
#include <string_view>

namespace sluice::providers {

class PredictionPlan final : public Plan {
 public:
  // What the whole answer is.
  enum class Made : std::uint8_t {
    Prediction,  // As Replicate says it.
    Images,      // As OpenAI would: {"data": [{"url": …}]}
  };

  PredictionPlan(UpstreamRequest begin, std::string_view base_path, Made made, json::Reader& reader)
      : begin_(std::move(begin)), base_path_(base_path), made_(made), reader_(reader) {}

  Result<Step> next(Context& context, std::string_view answered) override;

 private:
  Step ask_again(Context& context, std::string_view id);

  UpstreamRequest begin_;
  std::string_view base_path_;
  Made made_;
  json::Reader& reader_;
  bool begun_ = false;
  Duration pause_ = std::chrono::milliseconds(250);
};

}  // namespace sluice::providers
