// One HTTP exchange with whoever hands out credentials: a token endpoint, a metadata service.
#pragma once

#include "sluice/clock.h"
#include "sluice/error.h"
#include "sluice/task.h"

#include "config/url.h"
#include "net/connector.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::providers {

// Nearby: only an address of this machine or of its link, and never by way of a proxy, so that what
// only this machine may be told is asked of nobody else.
enum class Reach : std::uint8_t { Anywhere, Nearby };

struct FetchRequest {
  std::string_view method = "GET";
  config::Url url{};
  std::string query{};  // Without its mark.
  std::vector<std::pair<std::string, std::string>> fields{};
  std::string body{};
  Reach reach = Reach::Anywhere;
};

struct FetchReply {
  int status = 0;
  std::string body{};
};

// Redirections are answers like any other: what is sent here goes nowhere else. A failure says
// nothing of what was sent.
class Fetch {
 public:
  virtual ~Fetch() = default;
  virtual Task<Result<FetchReply>> fetch(FetchRequest request, Instant deadline) = 0;
};

// A connection for each exchange: there is one in an hour.
class HttpFetch final : public Fetch {
 public:
  HttpFetch(net::Loop& loop, net::Resolver& resolver,
            std::shared_ptr<const net::TlsClientContext> tls,
            std::optional<net::Proxy> proxy = std::nullopt)
      : loop_(loop), resolver_(resolver), tls_(std::move(tls)), proxy_(std::move(proxy)) {}

  Task<Result<FetchReply>> fetch(FetchRequest request, Instant deadline) override;

 private:
  net::Origin origin_of(const FetchRequest& request) const;

  net::Loop& loop_;
  net::Resolver& resolver_;
  std::shared_ptr<const net::TlsClientContext> tls_;
  std::optional<net::Proxy> proxy_;
};

// A literal address that is loopback, link-local or one of the metadata services' own, or
// "localhost".
bool is_nearby(std::string_view host);

// A URL with a query, if it has one.
struct FetchUrl {
  config::Url url;
  std::string query;
};
std::optional<FetchUrl> parse_fetch_url(std::string_view text);

}  // namespace sluice::providers
