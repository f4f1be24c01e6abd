#include "admin/access.h"

#include "base/text.h"
#include "config/digest.h"

#include <openssl/crypto.h>

namespace sluice::admin {
namespace {

using net::http1::HeaderId;
using net::http1::HeaderTable;

// The same words for none, malformed and unknown.
std::unexpected<Failure> not_known() {
  return fail(ErrorKind::Unauthenticated, "invalid_api_key",
              "The admin token is missing or not valid.");
}

bool is_loopback(const net::SocketAddress& peer) {
  if (peer.is_unix()) return true;
  const auto ip = peer.ip();
  if (!ip) return false;
  if (ip->is_v4()) return ip->bytes[12] == 127;
  return ip == net::parse_ip("::1");
}

// HOST[:PORT] that no name server had a say in. Else a web page could have its own name pointed at
// this machine, and read what it is told.
bool is_local_name(std::string_view host) {
  if (host.starts_with('[')) return net::parse_ip(host.substr(1, host.find(']') - 1)).has_value();
  host = host.substr(0, host.find(':'));
  return text::iequals(host, "localhost") || net::parse_ip(host).has_value();
}

Result<void> admit_neighbour(const net::HttpExchange& exchange) {
  if (!is_loopback(exchange.peer())) {
    return fail(ErrorKind::Forbidden, "ip_not_allowed",
                "Without admin.tokens only this machine is answered.");
  }
  const HeaderTable& fields = exchange.head().fields;
  const bool named_well = exchange.peer().is_unix() || is_local_name(fields.value(HeaderId::Host));
  if (!named_well || fields.has(HeaderId::Origin)) {
    return fail(ErrorKind::Forbidden, "operation_not_allowed",
                "Without admin.tokens no web page is answered, and only as localhost or by "
                "address.");
  }
  return {};
}

std::string_view bearer(const HeaderTable& fields) {
  constexpr std::string_view kScheme = "bearer ";
  const std::string_view value = fields.value(HeaderId::Authorization);
  if (!text::iequals(value.substr(0, kScheme.size()), kScheme)) return {};
  return text::trim(value.substr(kScheme.size()));
}

const config::AdminToken* find(const std::vector<config::AdminToken>& tokens,
                               std::string_view presented) {
  const config::Digest asked = config::sha256(presented);
  const config::AdminToken* found = nullptr;
  // All of them, and whole digests: how long it takes tells nothing.
  for (const config::AdminToken& token : tokens) {
    const config::Digest digest = config::sha256(token.secret.reveal());
    if (CRYPTO_memcmp(digest.data(), asked.data(), digest.size()) == 0) found = &token;
  }
  return presented.empty() ? nullptr : found;
}

}  // namespace

Result<void> admit(const net::HttpExchange& exchange, Access needed,
                   const config::AdminSettings& settings) {
  if (needed == Access::Anyone) return {};
  if (settings.tokens.empty()) return admit_neighbour(exchange);
  const config::AdminToken* token = find(settings.tokens, bearer(exchange.head().fields));
  if (!token) return not_known();
  if (needed == Access::Admin && token->role != config::AdminRole::Admin) {
    return fail(ErrorKind::Forbidden, "operation_not_allowed",
                "The role of this token may only look.");
  }
  return {};
}

}  // namespace sluice::admin
