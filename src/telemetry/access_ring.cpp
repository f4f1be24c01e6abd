#include "telemetry/access_ring.h"

#include "base/log.h"

#include <algorithm>
#include <cstring>

namespace sluice::telemetry {
namespace {

constexpr std::size_t kAlignment = 8;

struct PackedAttempt {
  std::uint32_t microseconds;
  std::uint16_t status;
  std::array<std::uint16_t, 3> sizes;
};

// Everything of fixed size.
struct Packed {
  std::uint32_t size;  // Of the whole record, padding included.
  std::uint16_t status;
  Accounting accounting;
  bool stream;
  std::int64_t time_us;
  std::array<std::int64_t, 4> tokens;
  std::array<std::uint64_t, 2> bytes;
  std::array<std::uint32_t, 4> times;
  std::array<std::uint16_t, kAccessTexts.size()> sizes;
  std::uint16_t attempts;
};

// The text's beginning that is kept, cut between two characters.
std::uint16_t kept_size(std::string_view text) {
  if (text.size() <= AccessRecord::kLongestText) [[likely]] {
    return static_cast<std::uint16_t>(text.size());
  }
  auto size = AccessRecord::kLongestText;
  for (int back = 0; back < 3 && (text[size] & 0xC0) == 0x80; ++back) --size;
  return static_cast<std::uint16_t>(size);
}

std::array<std::string_view, 3> texts_of(const AccessAttempt& attempt) {
  return {attempt.provider, attempt.model, attempt.outcome};
}

void append(std::byte*& at, std::string_view text, std::size_t size) {
  if (size == 0) return;
  std::memcpy(at, text.data(), size);
  at += size;
}

std::string_view take(const char*& at, std::size_t size) {
  const char* begin = at;
  at += size;
  return {begin, size};
}

}  // namespace

AccessRing::AccessRing(std::size_t bytes, metrics::Cell& dropped)
    : capacity_(bytes),
      bytes_(std::make_unique_for_overwrite<std::byte[]>(bytes)),
      dropped_(dropped) {}

// Room for `size` bytes in one piece, or null. Leaves a mark where the ring's end is skipped.
std::byte* AccessRing::reserve(std::size_t size) noexcept {
  const auto written = written_.load(std::memory_order_relaxed);
  const auto offset = written & (capacity_ - 1);
  const auto to_end = capacity_ - offset;
  const auto needed = size <= to_end ? size : to_end + size;
  if (written + needed - read_seen_ > capacity_) {
    read_seen_ = read_.load(std::memory_order_acquire);
    if (written + needed - read_seen_ > capacity_) return nullptr;
  }
  if (size <= to_end) return bytes_.get() + offset;
  constexpr std::uint32_t kSkip = 0;
  std::memcpy(bytes_.get() + offset, &kSkip, sizeof kSkip);
  written_.store(written + to_end, std::memory_order_release);
  return bytes_.get();
}

void AccessRing::push(const AccessRecord& record) noexcept {
  if (!log::enabled(record.status >= 500 ? log::Level::Warn : log::Level::Info)) return;
  Packed packed{
      .size = 0,
      .status = record.status,
      .accounting = record.accounting,
      .stream = record.stream,
      .time_us =
          std::chrono::duration_cast<std::chrono::microseconds>(record.time.time_since_epoch())
              .count(),
      .tokens = {record.input_tokens, record.output_tokens, record.cached_tokens,
                 record.reasoning_tokens},
      .bytes = {record.bytes_in, record.bytes_out},
      .times = {record.total_us, record.gateway_us, record.connect_us, record.first_token_us},
      .sizes = {},
      .attempts = static_cast<std::uint16_t>(
          std::min(record.attempts.size(), AccessRecord::kMostAttempts))};
  std::size_t size = sizeof packed;
  for (std::size_t i = 0; i < kAccessTexts.size(); ++i) {
    std::string_view text = record.*kAccessTexts[i];
    if (kAccessTexts[i] == &AccessRecord::path) text = text.substr(0, text.find('?'));
    size += packed.sizes[i] = kept_size(text);
  }
  std::array<PackedAttempt, AccessRecord::kMostAttempts> attempts;
  for (std::size_t i = 0; i < packed.attempts; ++i) {
    const auto& attempt = record.attempts[i];
    attempts[i] = {.microseconds = attempt.microseconds, .status = attempt.status, .sizes = {}};
    size += sizeof(PackedAttempt);
    const auto texts = texts_of(attempt);
    for (std::size_t t = 0; t < texts.size(); ++t) {
      size += attempts[i].sizes[t] = kept_size(texts[t]);
    }
  }
  size = (size + kAlignment - 1) & ~(kAlignment - 1);
  packed.size = static_cast<std::uint32_t>(size);

  auto* at = reserve(size);
  if (!at) return dropped_.add();
  std::memcpy(at, &packed, sizeof packed);
  at += sizeof packed;
  if (packed.attempts > 0) {
    std::memcpy(at, attempts.data(), packed.attempts * sizeof(PackedAttempt));
    at += packed.attempts * sizeof(PackedAttempt);
  }
  for (std::size_t i = 0; i < kAccessTexts.size(); ++i) {
    append(at, record.*kAccessTexts[i], packed.sizes[i]);
  }
  for (std::size_t i = 0; i < packed.attempts; ++i) {
    const auto texts = texts_of(record.attempts[i]);
    for (std::size_t t = 0; t < texts.size(); ++t) append(at, texts[t], attempts[i].sizes[t]);
  }
  const auto written = written_.load(std::memory_order_relaxed) + size;
  written_.store(written, std::memory_order_release);
  warm_next(written);
}

// The ring is too long to stay in a core's cache: where the next record goes is fetched meanwhile,
// or whoever needs the stores done would wait for memory.
void AccessRing::warm_next(std::uint64_t written) const noexcept {
  constexpr std::size_t kLine = 64;
  constexpr std::size_t kUsualRecord = 8 * kLine;
  for (std::size_t ahead = 0; ahead < kUsualRecord; ahead += kLine) {
    __builtin_prefetch(bytes_.get() + ((written + ahead) & (capacity_ - 1)), 1);
  }
}

bool AccessRing::front(UnpackedAccess& out) noexcept {
  auto read = read_.load(std::memory_order_relaxed);
  const char* at = nullptr;
  Packed packed;
  for (;;) {
    if (read == written_seen_) {
      written_seen_ = written_.load(std::memory_order_acquire);
      if (read == written_seen_) return false;
    }
    const auto offset = read & (capacity_ - 1);
    at = reinterpret_cast<const char*>(bytes_.get()) + offset;
    std::memcpy(&packed.size, at, sizeof packed.size);
    if (packed.size != 0) break;
    read += capacity_ - offset;
    read_.store(read, std::memory_order_release);
  }
  std::memcpy(&packed, at, sizeof packed);
  at += sizeof packed;
  std::array<PackedAttempt, AccessRecord::kMostAttempts> attempts;
  std::memcpy(attempts.data(), at, packed.attempts * sizeof(PackedAttempt));
  at += packed.attempts * sizeof(PackedAttempt);

  auto& record = out.record;
  record.time = std::chrono::system_clock::time_point(std::chrono::microseconds(packed.time_us));
  for (std::size_t i = 0; i < kAccessTexts.size(); ++i) {
    record.*kAccessTexts[i] = take(at, packed.sizes[i]);
  }
  for (std::size_t i = 0; i < packed.attempts; ++i) {
    auto& attempt = out.attempts[i];
    attempt.provider = take(at, attempts[i].sizes[0]);
    attempt.model = take(at, attempts[i].sizes[1]);
    attempt.outcome = take(at, attempts[i].sizes[2]);
    attempt.status = attempts[i].status;
    attempt.microseconds = attempts[i].microseconds;
  }
  record.attempts = {out.attempts.data(), packed.attempts};
  record.input_tokens = packed.tokens[0];
  record.output_tokens = packed.tokens[1];
  record.cached_tokens = packed.tokens[2];
  record.reasoning_tokens = packed.tokens[3];
  record.bytes_in = packed.bytes[0];
  record.bytes_out = packed.bytes[1];
  record.total_us = packed.times[0];
  record.gateway_us = packed.times[1];
  record.connect_us = packed.times[2];
  record.first_token_us = packed.times[3];
  record.status = packed.status;
  record.accounting = packed.accounting;
  record.stream = packed.stream;
  return true;
}

void AccessRing::pop() noexcept {
  const auto read = read_.load(std::memory_order_relaxed);
  std::uint32_t size = 0;
  std::memcpy(&size, bytes_.get() + (read & (capacity_ - 1)), sizeof size);
  read_.store(read + size, std::memory_order_release);
}

std::size_t AccessRing::fill() const noexcept {
  return written_.load(std::memory_order_relaxed) - read_.load(std::memory_order_relaxed);
}

}  // namespace sluice::telemetry
