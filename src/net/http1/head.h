// Strict heads of HTTP/1.1, requests and responses. What is in doubt is refused.
#pragma once

#include "net/http1/header_id.h"
#include "net/http1/header_table.h"
#include "net/http1/method.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::net::http1 {

struct HeadLimits {
  std::size_t max_head = std::size_t{64} * 1024;  // All of it, with the blank line.
  std::size_t max_line = std::size_t{16} * 1024;  // One field, without its line end.
  std::size_t max_target = std::size_t{16} * 1024;
  std::size_t max_fields = HeaderTable::kCapacity;
};

// All views point into the bytes that were parsed.
struct RequestHead {
  Method method = Method::Other;
  std::string_view method_text;
  std::string_view target;  // origin-form, as it came.
  int minor_version = 1;
  HeaderTable fields;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = false;       // Never for HTTP/1.0.
  bool expect_continue = false;  // Only where a body is to follow.
  bool upgrade_websocket = false;
  std::size_t size = 0;  // Bytes of the head; the body begins there.

  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

struct ResponseHead {
  int status = 0;
  std::string_view reason;
  int minor_version = 1;
  HeaderTable fields;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = false;  // False also where only the end of the connection ends the body.
  std::size_t size = 0;

  // 1xx, 204 and 304 end with their head, whatever their fields say.
  bool ends_with_head() const { return status < 200 || status == 204 || status == 304; }
};

// Static texts: the status and code to answer with, and what the peer may read.
struct HeadError {
  int status = 0;
  std::string_view code;
  std::string_view message;
};

enum class HeadState { Incomplete, Complete, Failed };

// Reads the head that `bytes` begin with. While it is Incomplete, call again with the same bytes
// and more behind them (they may have moved); `scanned` starts at 0 and remembers how far the
// search went, so that a head which drips in costs no more than one that comes at once. What is
// wrong with a first line or an overlong head is said before the head is complete.
HeadState parse_request_head(std::string_view bytes, const HeadLimits& limits, RequestHead& out,
                             HeadError& error, std::size_t& scanned);

// The same for answers; each failure is a 502. An interim answer (1xx) is a complete head.
HeadState parse_response_head(std::string_view bytes, const HeadLimits& limits, ResponseHead& out,
                              HeadError& error, std::size_t& scanned);

}  // namespace sluice::net::http1
