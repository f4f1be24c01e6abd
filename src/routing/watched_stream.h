// An answer that passes as it is, while it is noted what it was like, and a copy of its request
// goes out.
#pragma once

#include "sluice/context.h"
#include "sluice/provider.h"

#include "routing/comparison.h"
#include "routing/framer.h"
#include "routing/shadow_call.h"

#include <memory>

namespace sluice::routing {

class WatchedStream final : public ItemStream {
 public:
  // How the answer is read where it is not told by its events.
  struct Reading {
    ArenaPtr<Decoder> decoder;  // Null: by its events.
    Framer framer;
    bool framed = false;
  };

  // The ground and the context outlive it.
  WatchedStream(ArenaPtr<ItemStream> items, Reading reading, RouterGround& ground, Context& context,
                std::unique_ptr<ShadowCall> call)
      : items_(std::move(items)),
        reading_(std::move(reading)),
        ground_(ground),
        context_(context),
        comparison_(call->comparison()),
        call_(std::move(call)) {}
  ~WatchedStream() override;

  Task<Result<Batch>> next() override;
  void need_meaning() override { items_->need_meaning(); }

 private:
  void look_at(const Item& item);
  void read(std::string_view raw);
  void read(const Frame& frame);
  void begin_call();

  ArenaPtr<ItemStream> items_;
  Reading reading_;
  Meaning meaning_;
  RouterGround& ground_;
  Context& context_;
  std::shared_ptr<Comparison> comparison_;
  std::unique_ptr<ShadowCall> call_;  // Until it is begun.
  Shape shape_;
  bool under_way_ = false;
  bool whole_ = false;
};

}  // namespace sluice::routing
