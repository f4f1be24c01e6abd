#include "net/http_reply.h"

#include "base/text.h"
#include "base/timestamp.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace sluice::net {
namespace {

using http1::HeaderField;
using http1::HeaderId;

constexpr int kInterimAnswers = 10;
// Memory that is taken for a body because its length was announced; what is more must come first.
constexpr std::uint64_t kTrusted = std::uint64_t{16} << 20;

std::unexpected<Failure> broken(std::string_view message, std::string detail = {}) {
  ApiError error{.kind = ErrorKind::UpstreamUnavailable,
                 .code = "upstream_bad_response",
                 .message = std::string(message),
                 .detail = std::move(detail),
                 .retry = Retry::OtherTarget};
  return fail(std::move(error));
}

std::unexpected<Failure> cut_off() {
  return broken("The provider closed the connection before its answer was complete.");
}

std::unexpected<Failure> late(std::string_view waiting_for) {
  ApiError error{.kind = ErrorKind::DeadlineExceeded,
                 .code = "upstream_timeout",
                 .message = "The provider timed out: " + std::string(waiting_for) + ".",
                 .retry = Retry::OtherTarget};
  return fail(std::move(error));
}

// What of a provider's head may go on to callers, beside what has a place of its own.
bool may_pass(const HeaderField& field) {
  switch (field.id) {
    case HeaderId::OpenaiProcessingMs:
    case HeaderId::OpenaiVersion:
    case HeaderId::RetryAfter:
    case HeaderId::RetryAfterMs:
    case HeaderId::XRatelimitLimitRequests:
    case HeaderId::XRatelimitLimitTokens:
    case HeaderId::XRatelimitRemainingRequests:
    case HeaderId::XRatelimitRemainingTokens:
    case HeaderId::XRatelimitResetRequests:
    case HeaderId::XRatelimitResetTokens:
    case HeaderId::ContentDisposition:
      return true;
    case HeaderId::AnthropicOrganizationId:
      return false;
    default: {
      constexpr std::string_view prefix = "anthropic-";
      return field.name.size() > prefix.size() &&
             text::iequals(field.name.substr(0, prefix.size()), prefix);
    }
  }
}

// Does a field that may pass tell of rates?
bool is_of_rates(const HeaderField& field) {
  switch (field.id) {
    case HeaderId::XRatelimitRemainingRequests:
    case HeaderId::XRatelimitRemainingTokens:
      return true;
    case HeaderId::Other: {
      constexpr std::string_view prefix = "anthropic-ratelimit-";
      return text::iequals(field.name.substr(0, prefix.size()), prefix);
    }
    default:
      return false;
  }
}

std::optional<std::chrono::milliseconds> retry_after(const http1::HeaderTable& fields,
                                                     const Clock& clock) {
  auto number = [&](HeaderId id) -> std::optional<double> {
    const auto text = fields.find(id);
    if (!text) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size() ||
        !(value >= 0 && value < 1e9)) {
      return std::nullopt;
    }
    return value;
  };
  using Milliseconds = std::chrono::milliseconds;
  if (auto value = number(HeaderId::RetryAfterMs))
    return Milliseconds(static_cast<std::int64_t>(*value));
  if (auto value = number(HeaderId::RetryAfter)) {
    return Milliseconds(static_cast<std::int64_t>(*value * 1000));
  }
  const auto said = fields.find(HeaderId::RetryAfter);
  const auto date = said ? text::parse_http_date(*said) : std::nullopt;
  if (!date) return std::nullopt;
  return std::max(std::chrono::ceil<Milliseconds>(*date - clock.wall()), Milliseconds(0));
}

Framing framing_of(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find_first_of("; \t"));
  if (text::iequals(type, "text/event-stream")) return Framing::Sse;
  if (text::iequals(type, "application/vnd.amazon.eventstream")) return Framing::AwsEvents;
  if (text::iequals(type, "application/x-ndjson")) return Framing::Lines;
  return Framing::None;
}

}  // namespace

HttpReply::~HttpReply() {
  if (complete_) finish();
}

// A connection is pooled again only when nothing is left on it that we did not ask for.
void HttpReply::finish() {
  if (reusable_ && raw_at_ == input_.filled().size()) lease_.give_back();
  reusable_ = false;
}

Task<Result<void>> HttpReply::read_head(Context& context, Instant deadline,
                                        std::string_view waiting_for, std::uint64_t limit) {
  http1::HeadLimits limits;
  limits.max_head = limit;
  http1::ResponseHead head;
  std::size_t scanned = 0;
  for (int interim = 0;;) {
    http1::HeadError error;
    const auto state =
        input_.empty() ? http1::HeadState::Incomplete
                       : http1::parse_response_head(input_.filled(), limits, head, error, scanned);
    if (state == http1::HeadState::Failed) {
      co_return broken("The provider's answer is not HTTP/1.1.", std::string(error.message));
    }
    if (state == http1::HeadState::Complete) {
      if (head.status == 101 || head.status >= 200) break;
      if (++interim > kInterimAnswers) co_return broken("The provider sent only interim answers.");
      input_.consume(head.size);
      scanned = 0;
      continue;
    }
    input_.hold(input_.held() && input_.space().empty() ? input_.capacity() * 2 : Buffer::kBlock);
    const IoResult result = transport().read(input_.space());
    input_.added(result.bytes);
    if (result.bytes > 0) untouched_ = false;
    if (result.status == IoResult::Status::Done) continue;
    input_.release_if_empty();
    if (result.status == IoResult::Status::WantRead) {
      if (co_await transport().descriptor().readable(deadline) == Wake::TimedOut)
        co_return late(waiting_for);
    } else if (result.status == IoResult::Status::WantWrite) {
      if (co_await transport().descriptor().writable(deadline) == Wake::TimedOut)
        co_return late(waiting_for);
    } else {
      co_return cut_off();
    }
  }
  understand(head, context);
  input_.consume(head.size);
  if (framing_ == Framing::None) complete_ = true;
  // A short answer is whole at once, without asking for more.
  if (framing_ == Framing::Length && input_.filled().size() >= left_) CO_TRY_VOID(decode());
  co_return Result<void>();
}

void HttpReply::understand(const http1::ResponseHead& head, Context& context) {
  Arena& arena = context.draft;
  head_.status = head.status;
  head_.content_type = arena.keep(head.fields.value(HeaderId::ContentType));
  head_.framing = framing_of(head_.content_type);
  head_.retry_after = retry_after(head.fields, context.clock);

  std::size_t count = 0;
  for (const HeaderField field : head.fields) count += may_pass(field);
  std::span<Field> passed = arena.array<Field>(count);
  count = 0;
  for (const HeaderField field : head.fields) {
    if (!may_pass(field)) continue;
    passed[count++] = {arena.keep(field.name), arena.keep(field.value)};
    head_.tells_limits |= is_of_rates(field);
  }
  head_.fields = passed;

  reusable_ = may_reuse_ && head.keep_alive && head.status != 101;
  if (head_only_ || head.ends_with_head()) {
    framing_ = Framing::None;
  } else if (head.chunked) {
    framing_ = Framing::Chunked;
  } else if (head.content_length) {
    head_.length = head.content_length;
    left_ = *head.content_length;
    framing_ = left_ > 0 ? Framing::Length : Framing::None;
  } else {
    framing_ = Framing::UntilClose;
    reusable_ = false;
  }
}

void HttpReply::consume(std::size_t bytes) {
  input_.consume(bytes);
  decoded_ -= bytes;
  raw_at_ -= bytes;
}

Result<void> HttpReply::decode() {
  const std::size_t raw = input_.filled().size() - raw_at_;
  switch (framing_) {
    case Framing::None:
      break;
    case Framing::Chunked:
      return decode_chunks();
    case Framing::UntilClose:
      decoded_ += raw;
      raw_at_ += raw;
      break;
    case Framing::Length: {
      const std::size_t taken = std::min<std::uint64_t>(raw, left_);
      decoded_ += taken;
      raw_at_ += taken;
      left_ -= taken;
      if (left_ == 0) complete_ = true;
      break;
    }
  }
  return {};
}

// The chunks of one read become one piece: their contents move together in place.
Result<void> HttpReply::decode_chunks() {
  std::string_view rest = input_.filled().substr(raw_at_);
  char* const start = input_.data();
  for (;;) {
    const http1::ChunkStep step = chunks_.next(rest);
    raw_at_ = input_.filled().size() - rest.size();
    if (step.kind == http1::ChunkStep::Kind::Data) {
      std::memmove(start + decoded_, step.data.data(), step.data.size());
      decoded_ += step.data.size();
      continue;
    }
    if (step.kind == http1::ChunkStep::Kind::Error)
      return broken("The provider's chunks are malformed.");
    if (step.kind == http1::ChunkStep::Kind::End) {
      complete_ = true;
      return {};
    }
    input_.cut_to(decoded_);
    raw_at_ = decoded_;
    return {};
  }
}

Task<Result<bool>> HttpReply::more(Instant patience) {
  for (;;) {
    if (complete_) {
      finish();
      co_return false;
    }
    if (raw_at_ < input_.filled().size()) {
      const std::size_t before = decoded_;
      CO_TRY_VOID(decode());
      if (decoded_ > before) co_return true;
      continue;
    }
    if (input_.held() && input_.space().size() < Buffer::kBlock / 4) {
      const bool roomy = input_.filled().size() <= input_.capacity() / 2;
      const std::uint64_t left = framing_ == Framing::Length ? left_ : 0;
      const std::size_t known = input_.filled().size() + std::min(left, kTrusted);
      input_.hold(roomy ? input_.capacity() : std::max(input_.capacity() * 2, known));
    }
    if (!input_.held()) input_.hold();
    const IoResult result = transport().read(input_.space());
    input_.added(result.bytes);
    if (result.status == IoResult::Status::Done) continue;
    input_.release_if_empty();
    if (result.status == IoResult::Status::WantRead) {
      if (co_await transport().descriptor().readable(patience) == Wake::TimedOut)
        co_return late("between_tokens");
    } else if (result.status == IoResult::Status::WantWrite) {
      if (co_await transport().descriptor().writable(patience) == Wake::TimedOut)
        co_return late("between_tokens");
    } else if (result.status == IoResult::Status::End && framing_ == Framing::UntilClose) {
      complete_ = true;
    } else {
      co_return cut_off();
    }
  }
}

}  // namespace sluice::net
