#include "providers/common/vector_plan.h"

#include "providers/common/call.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sluice::providers {
namespace {

json::Reader& reader() {
  thread_local json::Reader one;
  return one;
}

void add(Usage& sum, const Usage& more) {
  sum.input += more.input;
}

class VectorPlan final : public Plan {
 public:
  VectorPlan(Context& context, const Request& request, const Target& target, UpstreamRequest whole,
             const dialect::EmbeddingWish& wish, const VectorCalls& calls)
      : call_(std::move(whole)),
        wish_(wish),
        rest_(wish.inputs),
        calls_(calls),
        model_(target.model),
        encoder_(dialect::embeddings_encoder(request.operation, context.arena,
                                             {.id = {}, .model = target.model})) {}

  Result<Step> next(Context& context, std::string_view answered) override {
    if (!answered.empty()) TRY_VOID(take(context, answered));
    if (rest_.empty()) {
      if (usage_) {
        const Event told = *usage_;
        encoder_->say({&told, 1}, joined_);
      }
      encoder_->end(joined_);
      return Step{.call = std::nullopt, .after = {}, .body = joined_};
    }
    dialect::EmbeddingWish batch = wish_;
    asked_ = std::min(calls_.most, rest_.size());
    batch.inputs = rest_.first(asked_);
    rest_ = rest_.subspan(asked_);
    dialect::Losses losses(context.drop, context.draft);
    TRY(const std::string_view body,
        dialect::write_embeddings(batch, calls_.api, model_, losses, context.draft));
    Step step{.call = repeated(call_, context.draft), .after = {}, .body = {}};
    set_body(*step.call, body, context.draft);
    return step;
  }

 private:
  Result<void> take(Context& context, std::string_view answered) {
    Meaning meaning;
    const auto decoder = dialect::embeddings_decoder(context.draft, reader(), wish_.base64);
    TRY_VOID(decoder->body(answered, &meaning));
    std::size_t vectors = 0;
    for (Event& event : meaning.events) {
      if (auto* vector = std::get_if<VectorMade>(&event)) {
        vector->index += taken_;
        ++vectors;
      } else if (const auto* told = std::get_if<Usage>(&event)) {
        if (!usage_) usage_.emplace();
        add(*usage_, *told);
      }
    }
    if (vectors != asked_) {
      return fail(ApiError{
          .kind = ErrorKind::UpstreamUnavailable,
          .code = "upstream_bad_response",
          .message = "The provider's answer is not what its API promises.",
          .detail = std::to_string(vectors) + " vectors of " + std::to_string(asked_) + " texts",
          .retry = Retry::OtherTarget});
    }
    taken_ += static_cast<std::uint32_t>(vectors);
    encoder_->say(meaning.events, joined_);
    return {};
  }

  UpstreamRequest call_;
  dialect::EmbeddingWish wish_;
  std::span<const dialect::ToEmbed> rest_;
  VectorCalls calls_;
  std::string_view model_;
  ArenaPtr<dialect::Encoder> encoder_;
  std::optional<Usage> usage_;
  std::string joined_;
  std::size_t asked_ = 0;
  std::uint32_t taken_ = 0;
};

}  // namespace

ArenaPtr<Plan> vector_plan(Context& context, const Request& request, const Target& target,
                           const Provider& provider, const VectorCalls& calls) {
  if (calls.most == 0) return nullptr;
  const auto wish = dialect::read_embeddings(request, reader(), context.draft);
  if (!wish || (wish->inputs.size() <= calls.most && !calls.always)) return nullptr;
  auto whole = provider.encode(context, request, target);
  if (!whole) return nullptr;
  return context.arena.make<VectorPlan>(context, request, target, std::move(*whole), *wish, calls);
}

Result<std::string_view> vector_body(Context& context, const Request& request, const Target& target,
                                     dialect::EmbeddingApi api) {
  TRY(const dialect::EmbeddingWish wish,
      dialect::read_embeddings(request, reader(), context.draft));
  dialect::Losses losses(context.drop, context.draft);
  TRY(const std::string_view body,
      dialect::write_embeddings(wish, api, target.model, losses, context.draft));
  dialect::list_dropped(context, losses);
  return body;
}

}  // namespace sluice::providers
