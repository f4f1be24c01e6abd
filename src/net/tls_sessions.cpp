#include "net/tls_sessions.h"

#include <openssl/ssl.h>

#include <ctime>

namespace sluice::net {
namespace {

bool is_usable(SSL_SESSION* session) {
  const long ends = SSL_SESSION_get_time(session) + SSL_SESSION_get_timeout(session);
  return SSL_SESSION_is_resumable(session) == 1 && ends > std::time(nullptr);
}

}  // namespace

void TlsSessions::keep(const std::string& peer, TlsHandle<SSL_SESSION> session) {
  std::lock_guard lock(mutex_);
  if (kept_.size() >= kPeers && !kept_.contains(peer)) kept_.clear();
  auto& sessions = kept_[peer];
  if (sessions.size() >= kPerPeer) sessions.erase(sessions.begin());
  sessions.push_back(std::move(session));
}

TlsHandle<SSL_SESSION> TlsSessions::take(const std::string& peer) {
  std::lock_guard lock(mutex_);
  const auto found = kept_.find(peer);
  if (found == kept_.end()) return nullptr;
  auto& sessions = found->second;
  while (!sessions.empty()) {
    TlsHandle<SSL_SESSION> session = std::move(sessions.back());
    sessions.pop_back();
    if (is_usable(session.get())) return session;
  }
  return nullptr;
}

}  // namespace sluice::net
