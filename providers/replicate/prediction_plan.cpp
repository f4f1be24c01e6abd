#include "providers/replicate/prediction_plan.h"

#include "base/text.h"
#include "dialect/replicate.h"
#include "providers/common/call.h"
#include "providers/replicate/images.h"

#include <algorithm>

namespace sluice::providers {
namespace {

constexpr Duration kLongestPause = std::chrono::seconds(4);

std::unexpected<Failure> malformed(std::string detail) {
  return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                       .code = "upstream_bad_response",
                       .message = "The provider's answer is not what its API promises.",
                       .detail = std::move(detail),
                       .retry = Retry::OtherTarget});
}

}  // namespace

Result<Plan::Step> PredictionPlan::next(Context& context, std::string_view answered) {
  if (!begun_) {
    begun_ = true;
    return Step{.call = repeated(begin_, context.draft), .after = {}, .body = {}};
  }
  const auto root = reader_.parse(answered, {.strict_up_to = 0});
  if (!root) return malformed("body: " + root.error()->message);
  TRY(const dialect::Prediction prediction, dialect::read_prediction(*root, context.arena));
  if (prediction.state == dialect::PredictionState::Running) {
    if (prediction.id.empty()) return malformed("body: a prediction without an id");
    return ask_again(context, prediction.id);
  }
  const std::string_view body =
      made_ == Made::Images ? replicate_images(prediction, context) : context.arena.keep(answered);
  return Step{.call = std::nullopt, .after = {}, .body = body};
}

Plan::Step PredictionPlan::ask_again(Context& context, std::string_view id) {
  Arena& arena = context.draft;
  UpstreamRequest call = begin_;
  call.method = "GET";
  call.path = arena.join(base_path_, "/predictions/", path_segment(id, arena));
  call.fields = FieldList(arena, begin_.fields.all().size() + 8);
  for (const Field& field : begin_.fields.all()) {
    const bool of_body =
        text::iequals(field.name, "content-type") || text::iequals(field.name, "prefer");
    if (!of_body) call.fields.add(field.name, field.value);
  }
  call.pieces = {};
  call.size = 0;
  const Duration pause = pause_;
  pause_ = std::min(kLongestPause, pause_ * 3 / 2);
  return Step{.call = std::move(call), .after = pause, .body = {}};
}

}  // namespace sluice::providers
