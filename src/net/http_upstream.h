// A provider over HTTP/1.1: writes the request that was encoded, reads the answer strictly.
#pragma once

#include "sluice/upstream.h"

#include "net/upstream_pool.h"

#include <memory>
#include <string>

namespace sluice::net {

struct HttpUpstreamSettings {
  HttpUpstreamSettings() = default;
  explicit HttpUpstreamSettings(const std::string& authority);

  std::string host;         // The Host header.
  std::string fixed_lines;  // The fields that every request has, written once.
  Duration connect_timeout = std::chrono::seconds(3);
  Duration answer_timeout = std::chrono::seconds(60);  // Until a WebSocket's opening is answered.
  Duration write_timeout = std::chrono::seconds(60);
  std::uint64_t head_limit = std::uint64_t{64} * 1024;
};

class HttpUpstream final : public Upstream {
 public:
  HttpUpstream(std::shared_ptr<UpstreamPool> pool,
               std::shared_ptr<const HttpUpstreamSettings> settings)
      : pool_(std::move(pool)), settings_(std::move(settings)) {}

  Task<Result<ArenaPtr<UpstreamReply>>> send(Context& context, const UpstreamRequest& request,
                                             Attempt& attempt) override;

 private:
  std::shared_ptr<UpstreamPool> pool_;
  std::shared_ptr<const HttpUpstreamSettings> settings_;
};

}  // namespace sluice::net
