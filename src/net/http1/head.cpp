#include "net/http1/head.h"

#include "net/http1/framing.h"
#include "net/http1/grammar.h"
#include "net/http1/scan.h"

#include <algorithm>
#include <cstring>

namespace sluice::net::http1 {
namespace {

constexpr std::size_t kLongestMethod = 32;   // What is longer need not end to be refused.
constexpr std::size_t kShortHead = 64;       // So little is read again rather than searched.
constexpr std::size_t kLongestLine = 65535;  // What HeaderTable can hold.

enum class Side { Request, Response };

// One pass over the bytes from their start.
struct Reader {
  const char* begin;
  const char* at;
  const char* end;
  const HeadLimits& limits;
  HeadError& error;

  HeadState fail(int status, std::string_view code, std::string_view message) {
    error = {status, code, message};
    return HeadState::Failed;
  }
  HeadState invalid(std::string_view message) { return fail(400, "invalid_request", message); }
  HeadState too_large(std::string_view message) { return fail(431, "headers_too_large", message); }

  HeadState skip_blank_line();
  HeadState method(RequestHead& head);
  HeadState target(RequestHead& head);
  HeadState version(int& minor_version);
  HeadState status_line(ResponseHead& head);
  HeadState end_of_line(const char* stop);
  HeadState fields(Side side, HeaderTable& table);
  HeadState field(Side side, HeaderTable& table);
  HeadState bad_name(const char* line, const char* stop);
  std::size_t longest_line() const { return std::min(limits.max_line, kLongestLine); }
};

// Clients that end a body with a superfluous CRLF: one is forgiven.
HeadState Reader::skip_blank_line() {
  if (at == end) return HeadState::Incomplete;
  if (*at != '\r') return HeadState::Complete;
  if (end - at < 2) return HeadState::Incomplete;
  if (at[1] != '\n') return invalid("carriage return without line feed");
  at += 2;
  return at == end ? HeadState::Incomplete : HeadState::Complete;
}

HeadState Reader::method(RequestHead& head) {
  if (*at == 0x16) return invalid("TLS on a port that speaks plain HTTP");
  const char* stop = at;
  const char* limit =
      end - at > static_cast<std::ptrdiff_t>(kLongestMethod) ? at + kLongestMethod : end;
  while (stop != limit && is_token_byte(*stop)) ++stop;
  if (stop == end) return HeadState::Incomplete;
  if (stop == at || (stop != limit && *stop != ' ')) return invalid("bad method");

  head.method_text = {at, stop};
  head.method = method_of(head.method_text);
  if (head.method == Method::Connect || head.method == Method::Trace) {
    return fail(405, "method_not_allowed", "this method is never allowed");
  }
  if (head.method_text == "PRI") {
    return fail(505, "version_not_supported", "HTTP/2 is not supported");
  }
  if (head.method == Method::Other) return fail(501, "not_implemented", "unknown method");
  at = stop + 1;
  return HeadState::Complete;
}

HeadState Reader::target(RequestHead& head) {
  if (at == end) return HeadState::Incomplete;
  if (*at != '/') return invalid("the target must be a path");
  const char* stop = scan::find<scan::TargetEnd>(at, end);
  if (static_cast<std::size_t>(stop - at) > limits.max_target) {
    return fail(414, "uri_too_long", "the target is too long");
  }
  if (stop == end) return HeadState::Incomplete;
  if (*stop == '\r') return fail(505, "version_not_supported", "HTTP/0.9 is not supported");
  if (*stop != ' ') return invalid("the target holds a byte that must be percent-encoded");
  head.target = {at, stop};
  at = stop + 1;
  return HeadState::Complete;
}

// HTTP-version = "HTTP/" DIGIT "." DIGIT. Judged as far as it is there.
HeadState Reader::version(int& minor_version) {
  constexpr std::string_view kShape = "HTTP/1.1";
  const auto there = std::min<std::size_t>(kShape.size(), static_cast<std::size_t>(end - at));
  bool supported = true;
  for (std::size_t i = 0; i < there; ++i) {
    const char byte = at[i];
    const bool is_number = i == 5 || i == 7;
    if (is_number ? byte < '0' || byte > '9' : byte != kShape[i])
      return invalid("bad HTTP version");
    if (i == 5) supported = byte == '1';
    if (i == 7) supported = supported && byte <= '1';
  }
  if (there < kShape.size()) return HeadState::Incomplete;
  if (!supported) return fail(505, "version_not_supported", "only HTTP/1.1 and 1.0 are supported");
  minor_version = at[7] - '0';
  at += kShape.size();
  return HeadState::Complete;
}

// The line must end at `stop`, which is where the last byte that may stand in it is behind.
HeadState Reader::end_of_line(const char* stop) {
  if (stop == end) return HeadState::Incomplete;
  if (*stop == '\n') return invalid("line feed without carriage return");
  if (*stop != '\r') return invalid("a byte that must not stand there");
  if (end - stop < 2) return HeadState::Incomplete;
  if (stop[1] != '\n') return invalid("carriage return without line feed");
  at = stop + 2;
  return HeadState::Complete;
}

// status-line = HTTP-version SP 3DIGIT [ SP reason-phrase ]. The second blank is often forgotten.
HeadState Reader::status_line(ResponseHead& head) {
  const char* line = at;
  if (auto state = version(head.minor_version); state != HeadState::Complete) return state;
  const char* text = at;
  const char* stop = scan::find<scan::ControlByte>(at, end);
  if (static_cast<std::size_t>(stop - line) > longest_line())
    return invalid("status line too long");
  if (auto state = end_of_line(stop); state != HeadState::Complete) return state;

  const std::string_view rest(text, stop);
  if (rest.size() < 4 || rest[0] != ' ' || (rest.size() > 4 && rest[4] != ' ')) {
    return invalid("bad status line");
  }
  head.status = 0;
  for (const char digit : rest.substr(1, 3)) {
    if (digit < '0' || digit > '9') return invalid("bad status");
    head.status = head.status * 10 + (digit - '0');
  }
  if (head.status < 100 || head.status > 599) return invalid("bad status");
  head.reason = rest.size() > 5 ? rest.substr(5) : std::string_view{};
  return HeadState::Complete;
}

HeadState Reader::bad_name(const char* line, const char* stop) {
  if (static_cast<std::size_t>(stop - line) > longest_line()) {
    return too_large("a header line is too long");
  }
  if (stop == end) return HeadState::Incomplete;
  if (stop == line && (*stop == ' ' || *stop == '\t')) return invalid("folded header line");
  if (stop == line && *stop == ':') return invalid("header without a name");
  return invalid("bad header name");
}

HeadState Reader::field(Side side, HeaderTable& table) {
  const char* line = at;
  const char* colon = scan::find<scan::NameEnd>(line, end);
  if (colon == end || *colon != ':' || colon == line) return bad_name(line, colon);
  const std::string_view name(line, colon);

  const char* stop = scan::find<scan::ControlByte>(colon + 1, end);
  const auto length = static_cast<std::size_t>(stop - line);
  if (length > longest_line()) return too_large("a header line is too long");
  if (auto state = end_of_line(stop); state != HeadState::Complete) return state;

  // A name that is known consists of good bytes.
  const auto id = header_id(name);
  if (id == HeaderId::Other) {
    if (!is_token(name)) return invalid("bad header name");
    // Some servers behind us would read X_Api_Key as X-Api-Key.
    if (side == Side::Request && name.find('_') != std::string_view::npos) {
      return invalid("header name with an underscore");
    }
  }

  const char* first = colon + 1;
  while (first != stop && (*first == ' ' || *first == '\t')) ++first;
  const char* last = stop;
  while (last != first && (last[-1] == ' ' || last[-1] == '\t')) --last;
  if (table.size() >= limits.max_fields || !table.add(name, {first, last}, id)) {
    return too_large("too many headers");
  }
  return HeadState::Complete;
}

HeadState Reader::fields(Side side, HeaderTable& table) {
  table.clear(begin);
  while (at != end) {
    if (*at == '\r') return end_of_line(at);
    if (auto state = field(side, table); state != HeadState::Complete) return state;
  }
  return HeadState::Incomplete;
}

HeadState read(Reader& reader, RequestHead& head) {
  auto state = reader.skip_blank_line();
  if (state == HeadState::Complete) state = reader.method(head);
  if (state == HeadState::Complete) state = reader.target(head);
  if (state == HeadState::Complete) state = reader.version(head.minor_version);
  if (state == HeadState::Complete) state = reader.end_of_line(reader.at);
  if (state == HeadState::Complete) state = reader.fields(Side::Request, head.fields);
  if (state != HeadState::Complete) return state;

  head.size = static_cast<std::size_t>(reader.at - reader.begin);
  if (auto error = read_request_framing(head)) {
    reader.error = *error;
    return HeadState::Failed;
  }
  return HeadState::Complete;
}

HeadState read(Reader& reader, ResponseHead& head) {
  if (reader.at == reader.end) return HeadState::Incomplete;
  auto state = reader.status_line(head);
  if (state == HeadState::Complete) state = reader.fields(Side::Response, head.fields);
  if (state != HeadState::Complete) return state;

  head.size = static_cast<std::size_t>(reader.at - reader.begin);
  if (auto error = read_response_framing(head)) {
    reader.error = *error;
    return HeadState::Failed;
  }
  return HeadState::Complete;
}

// Whether what came since the last reading makes another worthwhile: the first line or the head has
// ended, or something is wrong. Each of these happens once, so all readings together stay linear;
// beyond the new bytes this looks back over at most one line.
bool worth_reading(std::string_view bytes, std::size_t scanned, const HeadLimits& limits) {
  const char* data = bytes.data();
  const char* end = data + bytes.size();
  const char* start = *data == '\r' ? data + 2 : data;  // Past the blank line that is forgiven.
  const auto* feed =
      static_cast<const char*>(std::memchr(data + scanned, '\n', bytes.size() - scanned));

  const auto longest_first_line = std::max(limits.max_target, limits.max_line) + kShortHead;
  const auto old = static_cast<std::size_t>(data + scanned - start);
  const auto* line = static_cast<const char*>(memrchr(start, '\n', old));
  if (line == nullptr) {
    return feed != nullptr || static_cast<std::size_t>(end - start) > longest_first_line;
  }
  ++line;
  while (feed != nullptr) {
    if (feed - line <= 1 || feed[-1] != '\r') return true;  // The blank line, or a bare line feed.
    if (static_cast<std::size_t>(feed - 1 - line) > limits.max_line) return true;
    line = feed + 1;
    feed = static_cast<const char*>(std::memchr(line, '\n', static_cast<std::size_t>(end - line)));
  }
  return static_cast<std::size_t>(end - line) > limits.max_line + 1;
}

template <class Head>
HeadState parse(std::string_view bytes, const HeadLimits& limits, Head& out, HeadError& error,
                std::size_t& scanned) {
  const auto window = bytes.substr(0, limits.max_head);
  const bool full = window.size() == limits.max_head;
  if (!full && scanned > 0 && scanned <= window.size() && !worth_reading(window, scanned, limits)) {
    scanned = window.size();
    return HeadState::Incomplete;
  }
  const char* begin = window.data();
  Reader reader{begin, begin, begin + window.size(), limits, error};
  const auto state = read(reader, out);
  if (state != HeadState::Incomplete) return state;
  if (full) return reader.too_large("the headers are too large");
  scanned = window.size() < kShortHead ? 0 : window.size();
  return state;
}

}  // namespace

HeadState parse_request_head(std::string_view bytes, const HeadLimits& limits, RequestHead& out,
                             HeadError& error, std::size_t& scanned) {
  return parse(bytes, limits, out, error, scanned);
}

HeadState parse_response_head(std::string_view bytes, const HeadLimits& limits, ResponseHead& out,
                              HeadError& error, std::size_t& scanned) {
  const auto state = parse(bytes, limits, out, error, scanned);
  if (state == HeadState::Failed) {
    error.status = 502;
    error.code = "upstream_bad_response";
  }
  return state;
}

}  // namespace sluice::net::http1
