#include "providers/replicate/provider.h"

#include "base/text.h"
#include "dialect/openai_decoder.h"
#include "dialect/replicate.h"
#include "dialect/token_count.h"
#include "dialect/translate.h"
#include "providers/common/call.h"
#include "providers/replicate/images.h"
#include "providers/replicate/prediction_plan.h"

namespace sluice::providers {
namespace {

json::Reader& reader() {
  thread_local json::Reader one;
  return one;
}

bool makes_images(const Request& request) {
  return request.operation == Operation::Images;
}

bool predicts(const Request& request) {
  return request.traits().is_conversation() || makes_images(request);
}

// Each part of a name is a segment.
std::string_view named_path(std::string_view name, Arena& arena) {
  const std::size_t slash = name.find('/');
  return arena.join("/models/", path_segment(name.substr(0, slash), arena), "/",
                    path_segment(name.substr(slash + 1), arena), "/predictions");
}

std::string_view path_of(const Request& request, const Target& target, Arena& arena) {
  if (!predicts(request)) return request.path;
  const dialect::ReplicateModel model = dialect::replicate_model(target.model);
  return model.version.empty() ? named_path(model.name, arena) : "/predictions";
}

}  // namespace

Dialect ReplicateProvider::dialect(const Request& request, const Target&) const {
  const bool ours =
      request.traits().is_conversation() || dialect::asks_for_count(request.operation);
  return ours ? Dialect::Replicate : request.traits().dialect;
}

Result<UpstreamRequest> ReplicateProvider::encode(Context& context, const Request& request,
                                                  const Target& target) const {
  Arena& arena = context.draft;
  UpstreamRequest call = begin_call(context, request, target, path_of(request, target, arena));
  if (request.body) {
    pass_body(call, request, target);
  } else if (request.traits().is_conversation()) {
    TRY(const std::string_view body,
        dialect::write_conversation(context, request, target, Dialect::Replicate));
    set_body(call, body, arena);
  } else if (makes_images(request)) {
    TRY(const std::string_view body, replicate_image_body(context, request, target, reader()));
    set_body(call, body, arena);
  } else if (!request.json.text.empty()) {
    set_body(call, request.json.text, arena);
  }
  // Most are done while the first call waits.
  if (predicts(request)) call.fields.add("prefer", "wait");
  return call;
}

ArenaPtr<Plan> ReplicateProvider::plan(Context& context, const Request& request,
                                       const Target& target) const {
  if (!predicts(request)) return nullptr;
  auto begin = encode(context, request, target);
  if (!begin) return nullptr;  // encode() will say why.
  const auto made =
      makes_images(request) ? PredictionPlan::Made::Images : PredictionPlan::Made::Prediction;
  return context.arena.make<PredictionPlan>(std::move(*begin), target.base_path, made, reader());
}

ArenaPtr<Decoder> ReplicateProvider::decoder(Context& context, const Request& request,
                                             const Target& target) const {
  const Dialect spoken = dialect(request, target);
  if (dialect::differs(request, spoken)) return dialect::answer_decoder(context, request, spoken);
  return dialect::make_plain_decoder(context.arena, reader());
}

ApiError ReplicateProvider::explain(int status, std::string_view, std::string_view body) const {
  ApiError error = refusal(status, dialect::openai_error_message(body, reader()));
  // Its account has no credit: another provider's may.
  if (status == 402) error.retry = Retry::OtherTarget;
  return error;
}

}  // namespace sluice::providers
