#include "net/http1/framing.h"

#include "base/text.h"
#include "net/http1/grammar.h"

namespace sluice::net::http1 {
namespace {

constexpr HeadError invalid(std::string_view message) {
  return {400, "invalid_request", message};
}

struct Length {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
};

// One spelling only: 1 to 19 digits, no sign, no list, no leading zero. 19 digits fit 64 bits.
std::optional<std::uint64_t> parse_length(std::string_view text) {
  if (text.empty() || text.size() > 19) return std::nullopt;
  if (text.front() == '0' && text.size() > 1) return std::nullopt;
  std::uint64_t length = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    length = length * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return length;
}

std::optional<HeadError> read_length(const HeaderTable& fields, int minor_version, Length& length) {
  const auto coding = fields.find(HeaderId::TransferEncoding);
  const auto content_length = fields.find(HeaderId::ContentLength);
  if (coding) {
    if (content_length) return invalid("Content-Length beside Transfer-Encoding");
    if (minor_version == 0) return invalid("Transfer-Encoding in HTTP/1.0");
    if (fields.repeated(HeaderId::TransferEncoding)) return invalid("Transfer-Encoding twice");
    if (text::iequals(*coding, "chunked")) {
      length.chunked = true;
      return std::nullopt;
    }
    const auto name = trim(coding->substr(0, coding->find(';')));
    if (name.empty() || text::iequals(name, "chunked")) {
      return invalid("Transfer-Encoding must be \"chunked\" and nothing else");
    }
    return HeadError{501, "not_implemented", "no transfer coding but chunked is supported"};
  }
  if (!content_length) return std::nullopt;
  if (fields.repeated(HeaderId::ContentLength)) return invalid("Content-Length twice");
  length.content_length = parse_length(*content_length);
  if (!length.content_length) return invalid("bad Content-Length");
  return std::nullopt;
}

struct Wishes {
  bool close = false;
  bool upgrade = false;
  bool malformed = false;
};

Wishes read_connection(const HeaderTable& fields) {
  Wishes wishes;
  if (!fields.has(HeaderId::Connection)) return wishes;
  for (const auto field : fields) {
    if (field.id != HeaderId::Connection) continue;
    for (auto rest = field.value; !rest.empty();) {
      const auto element = next_element(rest);
      if (text::iequals(element, "close")) {
        wishes.close = true;
      } else if (text::iequals(element, "upgrade")) {
        wishes.upgrade = true;
      } else if (!element.empty() && !is_token(element)) {
        wishes.malformed = true;
      }
    }
  }
  return wishes;
}

std::optional<HeadError> check_host(const RequestHead& head) {
  const auto host = head.fields.find(HeaderId::Host);
  if (!host) {
    // HTTP/1.0 knew no Host, and health checks that speak it send none.
    if (head.minor_version == 0) return std::nullopt;
    return invalid("Host is missing");
  }
  if (head.fields.repeated(HeaderId::Host)) return invalid("Host twice");
  if (!valid_host(*host)) return invalid("bad Host");
  return std::nullopt;
}

bool method_wants_body(Method method) {
  return method == Method::Post || method == Method::Put || method == Method::Patch;
}

}  // namespace

std::optional<HeadError> read_request_framing(RequestHead& head) {
  if (auto error = check_host(head)) return error;

  Length length;
  if (auto error = read_length(head.fields, head.minor_version, length)) return error;
  head.content_length = length.content_length;
  head.chunked = length.chunked;

  const auto wishes = read_connection(head.fields);
  if (wishes.malformed) return invalid("bad Connection");
  head.keep_alive = head.minor_version == 1 && !wishes.close;

  // Such a sender means the end of the connection to end the body; a request has no such body.
  const bool framed = head.content_length || head.chunked;
  if (!framed && !head.keep_alive && method_wants_body(head.method)) {
    return invalid("a body needs Content-Length or Transfer-Encoding: chunked");
  }

  head.expect_continue = false;
  if (const auto expectation = head.fields.find(HeaderId::Expect)) {
    if (head.fields.repeated(HeaderId::Expect) || !text::iequals(*expectation, "100-continue")) {
      return HeadError{417, "expectation_failed", "no expectation but 100-continue can be met"};
    }
    head.expect_continue = head.minor_version == 1 && head.has_body();
  }

  head.upgrade_websocket = head.method == Method::Get && head.minor_version == 1 &&
                           wishes.upgrade && !head.has_body() &&
                           !head.fields.repeated(HeaderId::Upgrade) &&
                           text::iequals(head.fields.value(HeaderId::Upgrade), "websocket");
  return std::nullopt;
}

std::optional<HeadError> read_response_framing(ResponseHead& head) {
  Length length;
  if (auto error = read_length(head.fields, head.minor_version, length)) return error;
  if (length.chunked && (head.status < 200 || head.status == 204)) {
    return invalid("Transfer-Encoding on an answer without a body");
  }
  head.content_length = length.content_length;
  head.chunked = length.chunked;

  const auto wishes = read_connection(head.fields);
  const bool framed = head.content_length || head.chunked || head.ends_with_head();
  head.keep_alive = head.minor_version == 1 && !wishes.close && !wishes.malformed && framed;
  return std::nullopt;
}

}  // namespace sluice::net::http1
