// A stream that outlives its provider: where it breaks, the pursuit goes on, and so does the
// answer.
#pragma once

#include "routing/overlap.h"
#include "routing/pursuit.h"
#include "routing/told_so_far.h"

#include <vector>

namespace sluice::routing {

class PursuedStream final : public ItemStream {
 public:
  // `items` give their meaning. Before the first content another may always take over; behind it
  // only where it `resumes`.
  PursuedStream(ArenaPtr<Pursuit> pursuit, ArenaPtr<ItemStream> items, bool resumes)
      : pursuit_(std::move(pursuit)), items_(std::move(items)), resumes_(resumes) {}

  Task<Result<Batch>> next() override;
  void need_meaning() override {}  // It is always given.

 private:
  void take(const Batch& batch);
  void take(const Event& event);
  void note_resumption();
  void take_text(TextDelta delta, std::string_view text);
  Task<Result<void>> take_over(Failure why);

  ArenaPtr<Pursuit> pursuit_;
  ArenaPtr<ItemStream> items_;
  ToldSoFar told_;
  Overlap seam_;
  std::vector<Event> events_;
  std::vector<Item> given_;
  bool resumes_ = false;
  bool resumed_ = false;
  bool noted_ = false;  // That it was.
};

}  // namespace sluice::routing
