#include "telemetry/access_line.h"

#include "base/json_writer.h"
#include "base/scrub.h"

#include <charconv>
#include <cstring>
#include <string>

namespace sluice::telemetry {
namespace {

template <std::size_t N>
char* put(char* at, const char (&literal)[N]) {
  std::memcpy(at, literal, N - 1);
  return at + N - 1;
}

char* put_view(char* at, std::string_view text) {
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

// A byte of the word that JSON does not take as it is: no printable ASCII, a quote or a backslash.
std::uint64_t odd_bytes(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHighs = 0x8080808080808080U;
  const auto has_zero = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes; };
  const auto control = (word - kOnes * 0x20) & ~word;
  return (word | control | has_zero(word ^ kOnes * '"') | has_zero(word ^ kOnes * '\\')) & kHighs;
}

// Copies the text while it looks at it: whether JSON takes it as it is. The last word overlaps the
// one before; a text shorter than a word goes byte by byte.
bool copy_plain(char* to, std::string_view text) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  std::uint64_t found = 0;
  const auto copy_word = [&](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, kWord);
    std::memcpy(to + at, &word, kWord);
    found |= odd_bytes(word);
  };
  if (text.size() >= kWord) {
    for (std::size_t at = 0; at + kWord < text.size(); at += kWord) copy_word(at);
    copy_word(text.size() - kWord);
    return found == 0;
  }
  std::uint64_t word = 0x7878787878787878U;
  for (std::size_t at = 0; at < text.size(); ++at) {
    to[at] = text[at];
    word = word << 8 | static_cast<unsigned char>(text[at]);
  }
  return odd_bytes(word) == 0;
}

char* put_string(char* at, std::string_view text) {
  *at++ = '"';
  if (copy_plain(at, text)) [[likely]] {
    at += text.size();
  } else {
    std::string escaped;
    json::append_escaped(escaped, text);
    at = put_view(at, escaped);
  }
  *at++ = '"';
  return at;
}

template <class Number>
char* put_number(char* at, Number number) {
  return std::to_chars(at, at + 24, number).ptr;
}

char* put_milliseconds(char* at, std::uint32_t microseconds) {
  at = put_number(at, microseconds / 1000);
  const auto rest = microseconds % 1000;
  if (rest == 0) return at;
  *at++ = '.';
  *at++ = static_cast<char>('0' + rest / 100);
  *at++ = static_cast<char>('0' + rest / 10 % 10);
  *at++ = static_cast<char>('0' + rest % 10);
  return at;
}

// ,"name":"text"
template <std::size_t N>
char* put_text(char* at, const char (&name)[N], std::string_view text) {
  if (text.empty()) return at;
  return put_string(put(at, name), text);
}

template <std::size_t N>
char* put_time(char* at, const char (&name)[N], std::uint32_t microseconds) {
  if (microseconds == AccessRecord::kNoTime) return at;
  return put_milliseconds(put(at, name), microseconds);
}

template <std::size_t N>
char* put_tokens(char* at, const char (&name)[N], std::int64_t tokens) {
  if (tokens == AccessRecord::kUnknown) return at;
  return put_number(put(at, name), tokens);
}

char* put_attempts(char* at, std::span<const AccessAttempt> attempts) {
  if (attempts.empty()) return at;
  at = put(at, ",\"attempts\":[");
  for (const auto& attempt : attempts) {
    at = put_string(put(at, "{\"provider\":"), attempt.provider);
    at = put_text(at, ",\"model\":", attempt.model);
    if (attempt.status != 0) at = put_number(put(at, ",\"status\":"), attempt.status);
    at = put_text(at, ",\"outcome\":", attempt.outcome);
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
char* put_error(char* at, const AccessRecord& record) {
  at = put_text(at, ",\"error\":", record.error);
  if (record.detail.empty()) return at;
  const auto detail = log::scrub(record.detail);
  return put_text(at,
                  ",\"detail\":", std::string_view(detail).substr(0, AccessRecord::kLongestText));
}

std::string_view level_of(const AccessRecord& record) {
  return record.status >= 500 ? "warning" : "info";
}

}  // namespace

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
  at = put_view(at, {second_text_, kSecondSize});
  const auto millisecond = since_epoch % 1000;
  *at++ = '.';
  *at++ = static_cast<char>('0' + millisecond / 100);
  *at++ = static_cast<char>('0' + millisecond / 10 % 10);
  *at++ = static_cast<char>('0' + millisecond % 10);
  *at++ = 'Z';
  return at;
}

char* AccessLineWriter::write_json(const AccessRecord& record, char* at) {
  at = put(at, "{\"time\":\"");
  at = write_time(record.time, at);
  at = put(at, "\",\"level\":\"");
  at = put_view(at, level_of(record));
  at = put(at, "\",\"msg\":\"request\"");
  at = put_text(at, ",\"id\":", record.id);
  at = put_text(at, ",\"trace_id\":", record.trace_id);
  at = put_text(at, ",\"surface\":", record.surface);
  at = put_text(at, ",\"operation\":", record.operation);
  at = put_text(at, ",\"method\":", record.method);
  at = put_text(at, ",\"path\":", record.path);
  at = put_text(at, ",\"asked\":", record.asked);
  at = put_text(at, ",\"model\":", record.model);
  at = put_text(at, ",\"provider\":", record.provider);
  at = put_text(at, ",\"key\":", record.key);
  at = put_text(at, ",\"user\":", record.user);
  at = put_number(put(at, ",\"status\":"), record.status);
  at = put_error(at, record);
  at = record.stream ? put(at, ",\"stream\":true") : put(at, ",\"stream\":false");
  at = put_attempts(at, record.attempts);
  at = put_accounting(at, record);
  at = put_milliseconds(put(at, ",\"ms\":{\"total\":"), record.total_us);
  at = put_time(at, ",\"gateway\":", record.gateway_us);
  at = put_time(at, ",\"connect\":", record.connect_us);
  at = put_time(at, ",\"ttft\":", record.first_token_us);
  at = put_number(put(at, "},\"bytes\":{\"in\":"), record.bytes_in);
  at = put_number(put(at, ",\"out\":"), record.bytes_out);
  at = put_text(put(at, "}"), ",\"client\":", record.client);
  return put(at, "}\n");
}

// TIME LEVEL request STATUS METHOD PATH ASKED -> PROVIDER/MODEL 12.3ms id=… [error=…]
char* AccessLineWriter::write_text(const AccessRecord& record, char* at) {
  const auto put_word = [](char* to, std::string_view word) {
    *to++ = ' ';
    if (word.empty()) return put(to, "-");
    if (copy_plain(to, word) && !word.contains(' ')) return to + word.size();
    return put_string(to, word);
  };
  at = write_time(record.time, at);
  *at++ = ' ';
  at = put_view(at, level_of(record));
  at = put_number(put(at, " request "), record.status);
  at = put_word(at, record.method);
  at = put_word(at, record.path);
  at = put_word(at, record.asked);
  at = put_word(put(at, " ->"), record.provider);
  at = put_word(at, record.model);
  *at++ = ' ';
  at = put(put_milliseconds(at, record.total_us), "ms");
  if (record.accounting != Accounting::None) {
    at = put_tokens(at, " in=", record.input_tokens);
    at = put_tokens(at, " out=", record.output_tokens);
  }
  at = put_text(at, " key=", record.key);
  at = put_text(at, " error=", record.error);
  at = put_text(at, " id=", record.id);
  return put(at, "\n");
}

char* AccessLineWriter::write(const AccessRecord& record, log::Format format, char* at) {
  return format == log::Format::Json ? write_json(record, at) : write_text(record, at);
}

}  // namespace sluice::telemetry
