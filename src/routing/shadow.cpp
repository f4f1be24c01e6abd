#include "routing/shadow.h"

#include "dialect/translate.h"
#include "routing/group.h"
#include "routing/router_ground.h"
#include "routing/shadow_call.h"
#include "routing/watched_stream.h"

#include <algorithm>

namespace sluice::routing {

std::optional<Shadows::Place> Shadows::enter(std::size_t bytes) {
  if (stopped_ || under_way_ >= kMostAtOnce || bytes > kMostBytes - bytes_) return std::nullopt;
  ++under_way_;
  bytes_ += bytes;
  return Place(*this, bytes);
}

void Shadows::leave(std::size_t bytes) {
  --under_way_;
  bytes_ -= bytes;
}

void Shadows::count(std::string_view provider, std::string_view result) {
  counters_
      .cell(metrics::Family::ShadowRequests, names_.id(metrics::NameKind::Provider, provider),
            names_.id(metrics::NameKind::Outcome, result))
      .add(1);
}

void Shadows::charge(std::string_view provider, ledger::Cost cost) {
  counters_.cell(metrics::Family::ShadowCostUsd, names_.id(metrics::NameKind::Provider, provider))
      .add(cost.pico_dollars);
}

const Candidate* shadow_of(const RouterGround& ground, const Group& group, const Request& request) {
  if (!group.shadow() || !ground.shadows || ground.shadows->stopped()) return nullptr;
  if (!request.traits().is_conversation() || request.body) return nullptr;
  constexpr double kWhole = 0x1p64;
  const double lot = static_cast<double>(ground.random.next()) / kWhole;
  if (lot >= group.settings().shadow->sample) return nullptr;
  // A policy may have taken it off the list.
  const auto found = std::ranges::find(request.candidates, *group.shadow(), &Candidate::place);
  return found == request.candidates.end() ? nullptr : &*found;
}

Task<Result<Reply>> with_shadow(Task<Result<Reply>> answer, RouterGround& ground, Group& group,
                                const Candidate& shadow, Context& context, const Request& request) {
  CO_TRY(Reply reply, co_await std::move(answer));
  auto place = ground.shadows->enter(request.json.text.size());
  if (!place) {
    ground.shadows->count(ground.destinations[shadow.provider].name, "skipped");
    co_return reply;
  }
  auto call =
      std::make_unique<ShadowCall>(ground, group, shadow, context, request, *std::move(place));
  // Where the answer is not told by its events, they are read beside it.
  const bool tells_events = reply.retold || dialect::differs(request, reply.dialect);
  auto decoder = tells_events ? nullptr : dialect::answer_decoder(context, request, reply.dialect);
  Framer framer(reply.head.framing, ground.event_limit);
  const bool framed = reply.head.framing != Framing::None;
  reply.items = context.arena.make<WatchedStream>(
      std::move(reply.items), WatchedStream::Reading{std::move(decoder), std::move(framer), framed},
      ground, context, std::move(call));
  co_return reply;
}

}  // namespace sluice::routing
