// A provider's stream of server-sent events as items. Nothing is handed out before its first
// content, so that an error inside a 200 is still an error, and not half an answer.
#pragma once

#include "sluice/context.h"
#include "sluice/upstream.h"

#include "routing/aftermath.h"
#include "routing/framer.h"

#include <vector>

namespace sluice::routing {

struct Patience {
  Duration first_content{};  // From the request's sending on.
  Duration between{};        // Of two reads, afterwards.
  Duration commit{};         // How long the caller may wait for the head of its answer.
  std::size_t commit_bytes = 0;
  std::size_t event_limit = 0;
};

class EventStream final : public ItemStream {
 public:
  EventStream(Context& context, Attempt& attempt, ArenaPtr<UpstreamReply> reply,
              ArenaPtr<Decoder> decoder, const Patience& patience, Aftermath aftermath);

  // Until there is content, a whole answer without any, or the wait is over: then the head may go
  // out.
  Task<Result<void>> await_content();

  // What has come, once more by this decoder and with its meaning. Before the first next().
  void read_anew(ArenaPtr<Decoder> decoder);

  Task<Result<Batch>> next() override;
  void need_meaning() override {
    if (!meaning_) meaning_ = context_.arena.make<Meaning>();
  }

 private:
  struct Piece {
    std::size_t at;  // In what is pending, or in cleaned_.
    std::size_t size;
    std::size_t events_begin;
    std::size_t events_end;
    bool cleaned;
  };

  Result<void> take_frames();
  Result<void> take_frame(const Frame& frame, std::size_t at);
  Result<void> fail_within(Failure failure, const Frame& frame, std::size_t at);
  void keep(const Frame& frame, std::size_t at, std::size_t events_begin);
  void forget_handed_out();
  Task<Result<void>> pull();
  Result<void> take_tail();
  Result<void> end_of_body();
  std::unexpected<Failure> give_up(Failure failure, Outcome outcome);
  void note(const Signals& signals);
  Instant patience_ends() const;
  Batch hand_out();

  Context& context_;
  Attempt& attempt_;
  Aftermath aftermath_;
  ArenaPtr<UpstreamReply> reply_;
  ArenaPtr<Decoder> decoder_;
  ArenaPtr<Meaning> meaning_;
  Patience patience_;
  Framer framer_;
  std::vector<Piece> pieces_;
  std::vector<Item> items_;
  std::string cleaned_;        // Odd frames, written plainly.
  std::size_t looked_at_ = 0;  // Of what is pending.
  std::size_t given_ = 0;      // Of what is pending: handed out, to be consumed.
  Instant last_read_{};
  Failure failure_;  // Met behind frames that were not handed out yet.
  bool content_ = false;
  bool committed_ = false;
  bool ready_ = false;   // Pulled, not handed out.
  bool ended_ = false;   // No more frames follow.
  bool closed_ = false;  // Nor will the end of the framing be waited for.
  bool ping_ = false;
};

}  // namespace sluice::routing
