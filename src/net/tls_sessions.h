// TLS sessions that servers let us resume, by server. Each is used once, so that no two connections
// ever share one.
#pragma once

#include "net/tls_handle.h"

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace sluice::net {

class TlsSessions {
 public:
  void keep(const std::string& peer, TlsHandle<SSL_SESSION> session);
  TlsHandle<SSL_SESSION> take(const std::string& peer);  // The newest, or null.

 private:
  static constexpr std::size_t kPerPeer = 8;
  static constexpr std::size_t kPeers = 1024;

  std::mutex mutex_;
  std::unordered_map<std::string, std::vector<TlsHandle<SSL_SESSION>>> kept_;
};

}  // namespace sluice::net
