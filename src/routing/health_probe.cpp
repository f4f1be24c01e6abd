#include "routing/health_probe.h"

#include "sluice/context.h"

#include "routing/whole_reply.h"

#include <algorithm>

namespace sluice::routing {
namespace {

using config::Probe;

constexpr Duration kPatience = std::chrono::seconds(10);
constexpr std::size_t kMostBody = std::size_t{4} << 20;

// Of `whole`, between these parts of it.
Duration part(Duration whole, double from, double to, Random& random) {
  const double chance = static_cast<double>(random.next() >> 11) * 0x1p-53;
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double, Duration::period>(whole) * (from + (to - from) * chance));
}

bool tells_of_the_provider(const ApiError& error) {
  return error.kind == ErrorKind::UpstreamUnavailable || error.kind == ErrorKind::DeadlineExceeded;
}

Task<std::optional<bool>> is_alive(Clock& clock, const ProbeOrder& order) {
  const Instant deadline = clock.now() + std::min<Duration>(kPatience, order.health.every);
  if (order.health.probe == Probe::Models) {
    co_return co_await answers_for_models(clock, order.destination, deadline);
  }
  const auto opened = co_await order.door->knock(deadline);
  if (opened) co_return true;
  co_return tells_of_the_provider(*opened.error()) ? std::optional(false) : std::nullopt;
}

}  // namespace

Task<Result<void>> NetworkDoor::knock(Instant deadline) {
  CO_TRY([[maybe_unused]] auto transport,
         co_await net::connect(loop_, resolver_, origin_, deadline));
  co_return Result<void>();
}

Task<std::optional<bool>> answers_for_models(Clock& clock, const Destination& destination,
                                             Instant deadline) {
  Arena arena;
  Arena draft;
  Context context(arena, draft, clock);
  context.deadline = deadline;
  Request request;
  request.operation = Operation::Raw;
  request.method = "GET";
  request.path = "/models";
  const Target target{.provider = destination.name,
                      .model = {},
                      .base_path = destination.base_path,
                      .headers = destination.headers,
                      .kind = destination.kind};
  auto call = destination.provider->encode(context, request, target);
  if (!call) co_return std::nullopt;
  call->answer_by = deadline;
  call->waiting_for = "probe";
  const auto is_signed = co_await destination.credential->sign(context, *call);
  if (!is_signed) co_return std::nullopt;

  Attempt attempt;
  auto reply = co_await destination.upstream->send(context, *call, attempt);
  if (!reply) {
    co_return tells_of_the_provider(*reply.error()) ? std::optional(false) : std::nullopt;
  }
  const int status = (*reply)->head().status;
  // To the end, so that the connection serves again; what it says does not matter.
  [[maybe_unused]] const auto body = co_await read_whole(**reply, deadline, kMostBody);
  if (status == 401 || status == 403) co_return std::nullopt;
  co_return status < 500;
}

Task<void> probe_provider(Clock& clock, Random& random, ProbeOrder order) {
  const Probe probe = order.health.probe;
  if (probe == Probe::None || (probe == Probe::Tcp && !order.door) ||
      order.destination.has_no_key) {
    co_return;
  }
  // Those that were configured together do not ask together.
  Duration wait = part(order.health.every, 0, 1, random);
  for (;;) {
    co_await clock.sleep_until(clock.now() + wait);
    if (order.until.stop_requested()) co_return;
    const std::optional<bool> alive = co_await is_alive(clock, order);
    if (order.until.stop_requested()) co_return;
    for (const auto& target : order.targets) {
      if (alive) target->breaker.report_probe(*alive, clock.now(), random.next());
    }
    wait = part(order.health.every, 0.9, 1.1, random);
  }
}

}  // namespace sluice::routing
