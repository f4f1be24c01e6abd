// What a request's head says about its caller: who, from where, how long it will wait.
#pragma once

#include "sluice/arena.h"
#include "sluice/clock.h"
#include "sluice/drop_policy.h"
#include "sluice/request.h"
#include "sluice/strategy.h"

#include "config/network.h"
#include "net/address.h"
#include "net/http1/head.h"

#include <optional>
#include <string_view>

namespace sluice::server {

// The credential as it was presented, from whichever place the family's SDKs put it.
std::string_view presented_credential(const net::http1::RequestHead& head);

// The caller's own id if it is sane, else a new one.
std::string_view request_id(const net::http1::HeaderTable& fields, Random& random, Arena& arena);

// How long the caller will wait: x-sluice-timeout.
Result<std::optional<Duration>> asked_timeout(const net::http1::HeaderTable& fields);

// How long the caller's SDK will wait, as far as it says so: of a stream its timeout may bound only
// the head. What cannot be read was not meant for us.
std::optional<Duration> sdk_timeout(const net::http1::HeaderTable& fields, bool stream);

// Whom the caller says it asks for: x-sluice-user. Empty: it does not say.
Result<std::string_view> asked_user(const net::http1::HeaderTable& fields, Arena& arena);

// x-sluice-tags: name=value,name=value
Result<std::span<const Field>> asked_tags(const net::http1::HeaderTable& fields, Arena& arena);

// What x-sluice-drop says, else `usual`.
DropPolicy asked_drop(const net::http1::HeaderTable& fields, const DropPolicy& usual, Arena& arena);

// The caller's address: behind proxies that are trusted, the last one that they did not add
// themselves.
std::optional<net::IpAddress> caller_address(const net::SocketAddress& peer,
                                             const net::http1::HeaderTable& fields,
                                             std::span<const config::Network> trusted_proxies);

// Those of the caller's headers that go to providers.
std::span<const Field> forwarded_headers(const net::http1::HeaderTable& fields,
                                         std::span<const std::string> more, Arena& arena);

// Those that name its account there: they go along only with its own credential.
std::span<const Field> account_headers(const net::http1::HeaderTable& fields, Arena& arena);

}  // namespace sluice::server
