#include "routing/pursued_stream.h"

#include <algorithm>

namespace sluice::routing {

Task<Result<Batch>> PursuedStream::next() {
  for (;;) {
    auto batch = co_await items_->next();
    if (!batch) {
      CO_TRY_VOID(co_await take_over(std::move(batch.error())));
      continue;
    }
    const bool of_nothing = batch->items.empty();  // Time for the head, before anything is said.
    take(*batch);
    if (given_.empty() && !batch->last && !of_nothing) continue;
    co_return Batch{.items = given_, .last = batch->last};
  }
}

Task<Result<void>> PursuedStream::take_over(Failure why) {
  if (!told_.nothing() && !(resumes_ && told_.is_plain_text())) co_return pass_on(why);
  items_.reset();  // The broken one is over before another begins.
  CO_TRY(Continuation next, co_await pursuit_->go_on(std::move(why), told_));
  items_ = std::move(next.reply.items);
  items_->need_meaning();
  seam_ = std::move(next.seam);
  resumed_ |= !told_.nothing();
  co_return Result<void>();
}

void PursuedStream::take(const Batch& batch) {
  events_.clear();
  given_.clear();
  if (resumed_ && !noted_) note_resumption();
  for (const Item& item : batch.items) {
    if (item.origin == Origin::Ping) given_.push_back(item);
    for (const Event& event : item.events) take(event);
  }
  if (batch.last) take_text({}, seam_.finish());
  if (!events_.empty()) given_.push_back({.events = events_, .origin = Origin::Edited});
}

// The answer says of itself that it is of more than one making, where its dialect has room.
void PursuedStream::note_resumption() {
  noted_ = true;
  events_.emplace_back(ReplyExtra{.extra = {.of = pursuit_->callers_dialect(),
                                            .name = "sluice",
                                            .json = R"({"resumed":true})"}});
}

void PursuedStream::take(const Event& event) {
  if (std::holds_alternative<ReplyStarted>(event) && told_.started()) return;
  // Whoever goes on within a text may think first; the caller reads on.
  const bool is_thought = std::holds_alternative<ReasoningDelta>(event) ||
                          std::holds_alternative<ReasoningSealed>(event);
  if (is_thought && resumed_ && !told_.text().empty()) return;
  if (const auto* delta = std::get_if<TextDelta>(&event)) {
    return take_text(*delta, seam_.take(delta->text));
  }
  if (std::holds_alternative<ReplyStopped>(event)) take_text({}, seam_.finish());
  told_.add(event);
  events_.push_back(event);
  if (auto* usage = std::get_if<Usage>(&events_.back()); usage && resumed_) {
    *usage = pursuit_->usage_of_all();
  }
}

void PursuedStream::take_text(TextDelta delta, std::string_view text) {
  if (text.empty()) return;
  delta.text = text;
  told_.add(delta);
  events_.emplace_back(delta);
}

}  // namespace sluice::routing
