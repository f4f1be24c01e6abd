// The header names that somebody here asks for, as numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::net::http1 {

// One line a name: the enumerator and the name in lower case.
#define SLUICE_HTTP1_HEADERS(X)                                    \
  /* Framing and connection. */                                    \
  X(Host, "host")                                                  \
  X(ContentLength, "content-length")                               \
  X(TransferEncoding, "transfer-encoding")                         \
  X(Connection, "connection")                                      \
  X(KeepAlive, "keep-alive")                                       \
  X(ProxyConnection, "proxy-connection")                           \
  X(Expect, "expect")                                              \
  X(Upgrade, "upgrade")                                            \
  X(Te, "te")                                                      \
  X(Trailer, "trailer")                                            \
  X(ProxyAuthorization, "proxy-authorization")                     \
  X(ProxyAuthenticate, "proxy-authenticate")                       \
  /* Content. */                                                   \
  X(ContentType, "content-type")                                   \
  X(ContentEncoding, "content-encoding")                           \
  X(ContentDisposition, "content-disposition")                     \
  X(Accept, "accept")                                              \
  X(AcceptEncoding, "accept-encoding")                             \
  X(CacheControl, "cache-control")                                 \
  X(Date, "date")                                                  \
  X(Location, "location")                                          \
  X(Server, "server")                                              \
  X(Cookie, "cookie")                                              \
  X(SetCookie, "set-cookie")                                       \
  X(UserAgent, "user-agent")                                       \
  X(RetryAfter, "retry-after")                                     \
  X(RetryAfterMs, "retry-after-ms")                                \
  X(ServerTiming, "server-timing")                                 \
  /* Who calls, and from where. */                                 \
  X(Authorization, "authorization")                                \
  X(WwwAuthenticate, "www-authenticate")                           \
  X(XApiKey, "x-api-key")                                          \
  X(ApiKey, "api-key")                                             \
  X(XGoogApiKey, "x-goog-api-key")                                 \
  X(XForwardedFor, "x-forwarded-for")                              \
  X(XForwardedProto, "x-forwarded-proto")                          \
  X(XRealIp, "x-real-ip")                                          \
  X(Forwarded, "forwarded")                                        \
  X(Origin, "origin")                                              \
  X(AccessControlRequestMethod, "access-control-request-method")   \
  X(AccessControlRequestHeaders, "access-control-request-headers") \
  X(HttpReferer, "http-referer")                                   \
  X(XTitle, "x-title")                                             \
  /* Tracing and identity of a request. */                         \
  X(XRequestId, "x-request-id")                                    \
  X(RequestId, "request-id")                                       \
  X(XClientRequestId, "x-client-request-id")                       \
  X(Traceparent, "traceparent")                                    \
  X(Tracestate, "tracestate")                                      \
  X(Baggage, "baggage")                                            \
  X(IdempotencyKey, "idempotency-key")                             \
  /* The families. */                                              \
  X(AnthropicVersion, "anthropic-version")                         \
  X(AnthropicBeta, "anthropic-beta")                               \
  X(AnthropicOrganizationId, "anthropic-organization-id")          \
  X(OpenaiBeta, "openai-beta")                                     \
  X(OpenaiOrganization, "openai-organization")                     \
  X(OpenaiProject, "openai-project")                               \
  X(OpenaiProcessingMs, "openai-processing-ms")                    \
  X(OpenaiVersion, "openai-version")                               \
  X(XStainlessReadTimeout, "x-stainless-read-timeout")             \
  X(XStainlessTimeout, "x-stainless-timeout")                      \
  X(XServerTimeout, "x-server-timeout")                            \
  X(XStainlessRetryCount, "x-stainless-retry-count")               \
  X(XShouldRetry, "x-should-retry")                                \
  X(XRatelimitLimitRequests, "x-ratelimit-limit-requests")         \
  X(XRatelimitLimitTokens, "x-ratelimit-limit-tokens")             \
  X(XRatelimitRemainingRequests, "x-ratelimit-remaining-requests") \
  X(XRatelimitRemainingTokens, "x-ratelimit-remaining-tokens")     \
  X(XRatelimitResetRequests, "x-ratelimit-reset-requests")         \
  X(XRatelimitResetTokens, "x-ratelimit-reset-tokens")             \
  /* WebSocket. */                                                 \
  X(SecWebSocketKey, "sec-websocket-key")                          \
  X(SecWebSocketVersion, "sec-websocket-version")                  \
  X(SecWebSocketProtocol, "sec-websocket-protocol")                \
  X(SecWebSocketAccept, "sec-websocket-accept")                    \
  X(SecWebSocketExtensions, "sec-websocket-extensions")            \
  /* Ours. */                                                      \
  X(XSluiceUser, "x-sluice-user")                                  \
  X(XSluiceTimeout, "x-sluice-timeout")                            \
  X(XSluiceTags, "x-sluice-tags")                                  \
  X(XSluiceDrop, "x-sluice-drop")                                  \
  X(XSluiceDropped, "x-sluice-dropped")                            \
  X(XSluiceExplain, "x-sluice-explain")                            \
  X(XSluiceProvider, "x-sluice-provider")                          \
  X(XSluiceModel, "x-sluice-model")                                \
  X(XSluiceAttempts, "x-sluice-attempts")                          \
  X(XSluiceCost, "x-sluice-cost")                                  \
  X(XSluiceCache, "x-sluice-cache")                                \
  X(XSluiceTtl, "x-sluice-ttl")

enum class HeaderId : std::uint8_t {
  Other,
#define SLUICE_HTTP1_ENUMERATOR(id, name) id,
  SLUICE_HTTP1_HEADERS(SLUICE_HTTP1_ENUMERATOR)
#undef SLUICE_HTTP1_ENUMERATOR
      Count,
};
inline constexpr std::size_t kHeaderIds = static_cast<std::size_t>(HeaderId::Count);

// Any case; Other for a name that nobody here asks for.
HeaderId header_id(std::string_view name);
// Lower case; empty for Other.
std::string_view header_name(HeaderId id);

}  // namespace sluice::net::http1
