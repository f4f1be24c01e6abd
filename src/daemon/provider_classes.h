// Which classes answer for which kind of provider: the only place that names them.
#pragma once

#include "sluice/provider.h"

#include "config/environment.h"
#include "config/provider_settings.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/tls_context.h"
#include "providers/credentials/grant.h"
#include "routing/key_pool.h"

#include <memory>
#include <string>
#include <vector>

namespace sluice::daemon {

// What a worker lends to a provider's credential.
struct CredentialTools {
  net::Loop& loop;
  net::Resolver& resolver;
  std::shared_ptr<const config::Environment> environment;
  std::shared_ptr<const net::TlsClientContext> tls;  // Null: no token is ever asked for over TLS.
  std::shared_ptr<providers::GrantShelf> shelf;
};

std::shared_ptr<const Provider> provider_of(const config::ProviderSettings& settings);

// One for each of the provider's keys; without keys, one. One that cannot be made refuses every
// request, saying why; the log was told, too.
std::vector<std::shared_ptr<const Credential>> credentials_of(
    const config::ProviderSettings& settings, const CredentialTools& tools);

// The same keys in the same order. Those that `before` had too go on as they were.
std::shared_ptr<routing::KeyPool> key_pool_of(const config::ProviderSettings& settings,
                                              const routing::KeyPool* before);

// Everything that a token depends on. Never told to anyone.
std::string credential_identity(const config::ProviderSettings& settings);

// It asks others for tokens, over TLS.
bool asks_for_tokens(const config::ProviderSettings& settings);

}  // namespace sluice::daemon
