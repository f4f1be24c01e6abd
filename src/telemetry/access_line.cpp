#include "telemetry/access_line.h"

#include "base/scrub.h"
#include "telemetry/line_pieces.h"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <string>

namespace sluice::telemetry {
namespace {

constexpr std::size_t kByteMore = 1;  // For the pieces.
constexpr std::size_t kMostPerByte = sizeof R"(\u0000)" - 1;
// A JSON line at its longest, but for its texts and its attempts. No line for people is as long.
// What the raw strings end in is room for the line feed, too.
constexpr std::size_t kFrame =
    sizeof R"({"time":"2000-01-01T00:00:00.000Z","level":"warning","msg":"request","id":"",)"
           R"("trace_id":"","surface":"","operation":"","method":"","path":"","asked":"",)"
           R"("model":"","provider":"","key":"","user":"","status":65535,"error":"","detail":"",)"
           R"("stream":false,"attempts":[],"tokens":{"input":-9223372036854775808,)"
           R"("output":-9223372036854775808,"cached":-9223372036854775808,)"
           R"("reasoning":-9223372036854775808},"usage":"estimated","ms":{"total":4294967.295,)"
           R"("gateway":4294967.295,"connect":4294967.295,"ttft":4294967.295},)"
           R"("bytes":{"in":18446744073709551615,"out":18446744073709551615},"client":""})" +
    kByteMore;
constexpr std::size_t kAttemptFrame =
    sizeof R"({"provider":"","model":"","status":65535,"outcome":"","ms":4294967.295},)";

static_assert(kLongestLine >= kFrame + AccessRecord::kMostAttempts * kAttemptFrame +
                                  (kAccessTexts.size() + 3 * AccessRecord::kMostAttempts) *
                                      AccessRecord::kLongestText * kMostPerByte);

// The text's beginning that is kept, cut between two characters.
std::string_view kept(std::string_view text) {
  if (text.size() <= AccessRecord::kLongestText) return text;
  auto size = AccessRecord::kLongestText;
  for (int back = 0; back < 3 && (text[size] & 0xC0) == 0x80; ++back) --size;
  return text.substr(0, size);
}

std::span<const AccessAttempt> told(const AccessRecord& record) {
  return record.attempts.first(std::min(record.attempts.size(), AccessRecord::kMostAttempts));
}

// ,"name":"text"
template <std::size_t N>
char* put_text(char* at, const char (&name)[N], std::string_view text) {
  if (text.empty()) return at;
  return put_string(put(at, name), kept(text));
}

template <std::size_t N>
char* put_time(char* at, const char (&name)[N], std::uint32_t microseconds) {
  if (microseconds == AccessRecord::kNoTime) return at;
  return put_milliseconds(put(at, name), microseconds);
}

template <std::size_t N>
char* put_tokens(char* at, const char (&name)[N], std::int64_t tokens) {
  if (tokens == AccessRecord::kUnknown) return at;
  at = put(at, name);
  if (tokens >= 0) return put_number(at, static_cast<std::uint64_t>(tokens));
  *at = '-';
  return put_number(at + 1, 0 - static_cast<std::uint64_t>(tokens));
}

char* put_attempts(char* at, std::span<const AccessAttempt> attempts) {
  if (attempts.empty()) return at;
  at = put(at, ",\"attempts\":[");
  for (const auto& attempt : attempts) {
    at = put_string(put(at, "{\"provider\":\""), kept(attempt.provider));
    at = put_text(at, ",\"model\":\"", attempt.model);
    if (attempt.status != 0) at = put_number(put(at, ",\"status\":"), attempt.status);
    at = put_text(at, ",\"outcome\":\"", attempt.outcome);
    at = put_milliseconds(put(at, ",\"ms\":"), attempt.microseconds);
    at = put(at, "},");
  }
  at[-1] = ']';
  return at;
}

char* put_accounting(char* at, const AccessRecord& record) {
  if (record.accounting == Accounting::None) return at;
  at = put(at, ",\"tokens\":");
  char* begin = at;
  at = put_tokens(at, ",\"input\":", record.input_tokens);
  at = put_tokens(at, ",\"output\":", record.output_tokens);
  at = put_tokens(at, ",\"cached\":", record.cached_tokens);
  at = put_tokens(at, ",\"reasoning\":", record.reasoning_tokens);
  if (at == begin) ++at;
  *begin = '{';  // In the place of the first comma.
  *at++ = '}';
  return record.accounting == Accounting::Exact ? put(at, ",\"usage\":\"exact\"")
                                                : put(at, ",\"usage\":\"estimated\"");
}

// The detail may quote the provider; what looks like a key must not pass even if nobody scrubbed
// it.
[[gnu::noinline]] char* put_detail(char* at, std::string_view detail) {
  return put_text(at, ",\"detail\":\"", log::scrub(kept(detail)));
}

bool is_warning(const AccessRecord& record) {
  return record.status >= 500;
}

// A query may hold a key.
std::string_view without_query(std::string_view path) {
  return path.substr(0, path.find('?'));
}

}  // namespace

std::size_t room_for(const AccessRecord& record) {
  std::size_t bytes = 0;
  for (const auto text : kAccessTexts) bytes += (record.*text).size();
  if (!record.detail.empty()) bytes += AccessRecord::kLongestText;  // Scrubbing may make it longer.
  const auto attempts = told(record);
  for (const auto& attempt : attempts) {
    bytes += attempt.provider.size() + attempt.model.size() + attempt.outcome.size();
  }
  return std::min(kFrame + attempts.size() * kAttemptFrame + bytes * kMostPerByte, kLongestLine);
}

char* AccessLineWriter::write_time(std::chrono::system_clock::time_point time, char* at) {
  const auto since_epoch =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::int64_t second = since_epoch / 1000;
  if (second != second_) {
    const std::time_t seconds = second;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::strftime(second_text_, sizeof second_text_, "%Y-%m-%dT%H:%M:%S", &parts);
    second_ = second;
  }
  std::memcpy(at, second_text_, kSecondSize);
  at = put_thousandths(at + kSecondSize, static_cast<std::uint64_t>(since_epoch % 1000));
  *at = 'Z';
  return at + 1;
}

char* AccessLineWriter::write_json(const AccessRecord& record, char* at) {
  at = put(at, "{\"time\":\"");
  at = write_time(record.time, at);
  at = is_warning(record) ? put(at, R"(","level":"warning","msg":"request")")
                          : put(at, R"(","level":"info","msg":"request")");
  at = put_text(at, ",\"id\":\"", record.id);
  at = put_text(at, ",\"trace_id\":\"", record.trace_id);
  at = put_text(at, ",\"surface\":\"", record.surface);
  at = put_text(at, ",\"operation\":\"", record.operation);
  at = put_text(at, ",\"method\":\"", record.method);
  at = put_text(at, ",\"path\":\"", without_query(record.path));
  at = put_text(at, ",\"asked\":\"", record.asked);
  at = put_text(at, ",\"model\":\"", record.model);
  at = put_text(at, ",\"provider\":\"", record.provider);
  at = put_text(at, ",\"key\":\"", record.key);
  at = put_text(at, ",\"user\":\"", record.user);
  at = put_number(put(at, ",\"status\":"), record.status);
  at = put_text(at, ",\"error\":\"", record.error);
  if (!record.detail.empty()) at = put_detail(at, record.detail);
  at = record.stream ? put(at, ",\"stream\":true") : put(at, ",\"stream\":false");
  at = put_attempts(at, told(record));
  at = put_accounting(at, record);
  at = put_milliseconds(put(at, ",\"ms\":{\"total\":"), record.total_us);
  at = put_time(at, ",\"gateway\":", record.gateway_us);
  at = put_time(at, ",\"connect\":", record.connect_us);
  at = put_time(at, ",\"ttft\":", record.first_token_us);
  at = put_number(put(at, "},\"bytes\":{\"in\":"), record.bytes_in);
  at = put_number(put(at, ",\"out\":"), record.bytes_out);
  at = put_text(put(at, "}"), ",\"client\":\"", record.client);
  return put(at, "}\n");
}

// TIME LEVEL request STATUS METHOD PATH ASKED -> PROVIDER/MODEL 12.3ms id=… [error=…]
char* AccessLineWriter::write_text(const AccessRecord& record, char* at) {
  const auto put_word = [](char* to, std::string_view word) {
    *to++ = ' ';
    if (word.empty()) return put(to, "-");
    word = kept(word);
    if (copy_plain(to, word) && !word.contains(' ')) return to + word.size();
    return put_string(put(to, "\""), word);
  };
  at = write_time(record.time, at);
  at = is_warning(record) ? put(at, " warning request ") : put(at, " info request ");
  at = put_number(at, record.status);
  at = put_word(at, record.method);
  at = put_word(at, without_query(record.path));
  at = put_word(at, record.asked);
  at = put_word(put(at, " ->"), record.provider);
  at = put_word(at, record.model);
  *at++ = ' ';
  at = put(put_milliseconds(at, record.total_us), "ms");
  if (record.accounting != Accounting::None) {
    at = put_tokens(at, " in=", record.input_tokens);
    at = put_tokens(at, " out=", record.output_tokens);
  }
  at = put_text(at, " key=\"", record.key);
  at = put_text(at, " error=\"", record.error);
  at = put_text(at, " id=\"", record.id);
  return put(at, "\n");
}

char* AccessLineWriter::write(const AccessRecord& record, log::Format format, char* at) {
  return format == log::Format::Json ? write_json(record, at) : write_text(record, at);
}

}  // namespace sluice::telemetry
