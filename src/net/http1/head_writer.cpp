#include "net/http1/head_writer.h"

#include <array>
#include <charconv>
#include <cstring>

namespace sluice::net::http1 {
namespace {

class Digits {
 public:
  explicit Digits(std::uint64_t value)
      : end_(std::to_chars(text_.data(), text_.data() + text_.size(), value).ptr) {}
  std::string_view view() const { return {text_.data(), end_}; }

 private:
  std::array<char, 20> text_{};
  char* end_;
};

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 424:
      return "Failed Dependency";
    case 425:
      return "Too Early";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    case 529:
      return "Overloaded";
    default:
      return "Unknown";
  }
}

void HeadWriter::append(std::string_view a, std::string_view b, std::string_view c,
                        std::string_view d) {
  const auto size = a.size() + b.size() + c.size() + d.size();
  if (overflow_ || size > static_cast<std::size_t>(end_ - at_)) {
    overflow_ = true;
    return;
  }
  for (const auto piece : {a, b, c, d}) {
    if (piece.empty()) continue;
    std::memcpy(at_, piece.data(), piece.size());
    at_ += piece.size();
  }
}

void HeadWriter::status_line(int status) {
  if (status == 200) return append("HTTP/1.1 200 OK\r\n", {}, {}, {});
  if (status < 100 || status > 599) {
    refused_ = true;
    return;
  }
  const Digits digits(static_cast<std::uint64_t>(status));
  std::array<char, 4> code = {};
  std::memcpy(code.data(), digits.view().data(), 3);
  code[3] = ' ';
  append("HTTP/1.1 ", {code.data(), code.size()}, reason_phrase(status), "\r\n");
}

void HeadWriter::request_line(Method method, std::string_view target) {
  if (method == Method::Other || !valid_target(target)) {
    refused_ = true;
    return;
  }
  append(method_name(method), " ", target, " HTTP/1.1\r\n");
}

void HeadWriter::field(std::string_view name, std::string_view value) {
  if (valid_field_name(name)) return known_field(name, value);
  refused_ = true;
}

void HeadWriter::known_field(std::string_view name, std::string_view value) {
  if (!valid_field_value(value)) {
    refused_ = true;
    return;
  }
  append(name, ": ", value, "\r\n");
}

void HeadWriter::field(HeaderId id, std::string_view value) {
  const auto name = header_name(id);
  if (name.empty() || !valid_field_value(value)) {
    refused_ = true;
    return;
  }
  append(name, ": ", value, "\r\n");
}

void HeadWriter::field(std::string_view name, std::uint64_t value) {
  field(name, Digits(value).view());
}

void HeadWriter::field(HeaderId id, std::uint64_t value) {
  field(id, Digits(value).view());
}

void HeadWriter::end() {
  append("\r\n", {}, {}, {});
}

}  // namespace sluice::net::http1
