#include "server/timing.h"

#include <algorithm>
#include <charconv>

namespace sluice::server {
namespace {

// "name;dur=12.345": milliseconds.
char* put_duration(char* at, std::string_view name, Duration duration) {
  const auto counted = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  const auto micro = static_cast<std::uint64_t>(std::max<std::int64_t>(0, counted));
  at = std::ranges::copy(name, at).out;
  at = std::to_chars(at, at + 20, micro / 1000).ptr;
  *at++ = '.';
  *at++ = static_cast<char>('0' + micro / 100 % 10);
  *at++ = static_cast<char>('0' + micro / 10 % 10);
  *at++ = static_cast<char>('0' + micro % 10);
  return at;
}

// From when on it was out of our hands: the connection was made just before the request was sent.
Instant began_to_wait(const Attempt& attempt) {
  return attempt.sent == Instant() ? attempt.begun : attempt.sent - attempt.connecting;
}

Duration waited_until(const Account& account, Instant now, bool for_content) {
  Duration sum{};
  Instant covered{};  // Attempts may overlap.
  for (const Attempt* attempt = account.first(); attempt; attempt = attempt->next) {
    Instant ended = attempt->ended == Instant() ? now : attempt->ended;
    if (for_content && attempt->first_content != Instant()) ended = attempt->first_content;
    const Instant from = std::max(covered, began_to_wait(*attempt));
    if (ended <= from) continue;
    sum += ended - from;
    covered = ended;
  }
  return sum;
}

}  // namespace

Duration waited_for(const Account& account, Instant now) {
  return waited_until(account, now, false);
}

std::string_view server_timing(const Context& context, Arena& arena) {
  const Attempt& teller = *context.account.teller();
  const Instant now = std::chrono::steady_clock::now();
  const Instant answered = teller.first_content == Instant() ? now : teller.first_content;
  const Duration upstream = teller.sent == Instant() ? Duration::zero() : answered - teller.sent;
  const Duration own = now - context.arrival - waited_until(context.account, now, true);
  std::span<char> room = arena.array<char>(112);
  char* at = put_duration(room.data(), "gw;dur=", own);
  at = put_duration(at, ", ttft;dur=", answered - context.arrival);
  at = put_duration(at, ", up;dur=", upstream);
  return {room.data(), at};
}

}  // namespace sluice::server
