#include "config/tables.h"
#include "config/types.h"

#include <array>

namespace sluice::config {
namespace {

constexpr std::array kTlsVersions = {Choice<TlsVersion>{"1.2", TlsVersion::Tls12},
                                     Choice<TlsVersion>{"1.3", TlsVersion::Tls13}};
constexpr Words<TlsVersion> kTlsVersionType{"\"1.2\" or \"1.3\"", kTlsVersions};

constexpr std::array kTlsFields = {
    field<&ServerTlsSettings::certificate>("certificate", kPathType,
                                           "the certificate and its chain, PEM", Need::Required),
    field<&ServerTlsSettings::private_key>("private_key", kPathType, "the certificate's key, PEM",
                                           Need::Required),
    field<&ServerTlsSettings::client_ca>(
        "client_ca", kPathType,
        "present: clients must show a certificate of this authority (mTLS)"),
    field<&ServerTlsSettings::min_version>("min_version", kTlsVersionType,
                                           "the oldest version of TLS that is spoken"),
};
constexpr Section<ServerTlsSettings> kTls{kTlsFields};
constexpr MaybeOf<ServerTlsSettings> kMaybeTls{kTls};

constexpr std::array kLimitFields = {
    field<&ServerLimits::request_body>("request_body", kSizeType, "over it: 413"),
    field<&ServerLimits::upload>(
        "upload", kSizeType,
        "the same for multipart file bodies, which are streamed or spooled, never held"),
    field<&ServerLimits::header_bytes>("header_bytes", kSizeType,
                                       "over it, or more than 100 headers: 431"),
    field<&ServerLimits::event>("event", kSizeType, "one server-sent event from a provider"),
    field<&ServerLimits::connections>("connections", kCountType, "open connections of clients"),
    field<&ServerLimits::requests_in_flight>(
        "requests_in_flight", kCountType,
        "over it: 503 with retry-after at once; admin stays reachable"),
};
constexpr Section<ServerLimits> kLimits{kLimitFields};

constexpr std::array kTimeoutFields = {
    field<&ServerTimeouts::header>("header", kDurationType, "slow header: 408"),
    field<&ServerTimeouts::body>("body", kDurationType,
                                 "the longest pause inside a body; below 1 KiB/s for long: 408"),
    field<&ServerTimeouts::idle>("idle", kDurationType, "keep-alive between two requests"),
    field<&ServerTimeouts::write>("write", kDurationType, "a client that stops reading is cut"),
    field<&ServerTimeouts::request>("request", kDurationType,
                                    "the one deadline: the smallest of this, the model's, "
                                    "`x-sluice-timeout` and the SDK's own header"),
    field<&ServerTimeouts::drain_delay>("drain_delay", kDurationOrZeroType,
                                        "SIGTERM: not ready, but still accepting, for so long"),
    field<&ServerTimeouts::drain>("drain", kDurationType,
                                  "then: how long requests in flight may still run"),
};
constexpr Section<ServerTimeouts> kTimeouts{kTimeoutFields};

constexpr std::array kHalfCloses = {Choice<HalfClose>{"abort", HalfClose::Abort},
                                    Choice<HalfClose>{"allow", HalfClose::Allow}};
constexpr Words<HalfClose> kHalfCloseType{"abort or allow", kHalfCloses};

constexpr ListOf<std::string> kForwardType{"a list of headers", kForwardedHeaderType};
constexpr std::array kHeaderFields = {field<&HeaderSettings::forward>(
    "forward", kForwardType, "further headers of the caller that go to providers")};
constexpr Section<HeaderSettings> kHeaders{kHeaderFields};

constexpr ListOf<std::string> kOriginsType{"a list of origins", kOriginType};
constexpr std::array kCorsFields = {field<&CorsSettings::origins>(
    "origins", kOriginsType,
    "web pages that may call from a browser, e.g. https://app.example.com")};
constexpr Section<CorsSettings> kCors{kCorsFields};

constexpr ListOf<ListenAddress> kListens{"a list of addresses such as [\"127.0.0.1:8080\"]",
                                         kListenType, 1};
constexpr ListOf<Network> kNetworks{"a list of networks", kNetworkType};

constexpr std::array kServerFields = {
    field<&ServerSettings::listen>(
        "listen", kListens,
        "HOST:PORT, [IPV6]:PORT (one socket per worker) or unix:PATH (one, shared)"),
    field<&ServerSettings::workers>("workers", kWorkersType, "event loops; auto: one per core"),
    field<&ServerSettings::tls>("tls", kMaybeTls,
                                "present: HTTPS; renewed files are picked up on reload"),
    field<&ServerSettings::limits>("limits", kLimits, "what one client and all of them may use"),
    field<&ServerSettings::timeouts>("timeouts", kTimeouts, "how long each step may take"),
    field<&ServerSettings::half_close>(
        "half_close", kHalfCloseType,
        "a client's FIN means gone (abort) or only \"no more requests\" (allow)"),
    field<&ServerSettings::direct_models>(
        "direct_models", kBooleanType,
        "may callers name PROVIDER/MODEL without an entry in `models`"),
    field<&ServerSettings::drop>("drop", kDropType,
                                 "request fields that a target lacks and that may be left out; "
                                 "always listed in `x-sluice-dropped`"),
    field<&ServerSettings::strict_json>("strict_json", kSizeOrAlwaysType,
                                        "full check of a body's grammar up to this size; true: "
                                        "always. Depth, UTF-8, tail and policy "
                                        "fields are always checked"),
    field<&ServerSettings::headers>("headers", kHeaders, "headers between callers and providers"),
    field<&ServerSettings::trusted_proxies>("trusted_proxies", kNetworks,
                                            "whose X-Forwarded-For is believed, e.g. 10.0.0.0/8"),
    field<&ServerSettings::proxy_protocol>("proxy_protocol", kBooleanType,
                                           "connections begin with a PROXY protocol header"),
    field<&ServerSettings::cors>("cors", kCors, "calls from browsers"),
};

constexpr std::array kRoles = {Choice<AdminRole>{"admin", AdminRole::Admin},
                               Choice<AdminRole>{"viewer", AdminRole::Viewer}};
constexpr std::array<std::string_view, 1> kRolesNotYet = {"team_admin"};
constexpr Words<AdminRole> kRoleType{"admin or viewer", kRoles, kRolesNotYet};

constexpr std::array kTokenFields = {
    field<&AdminToken::name>("name", kTextType, "who it is, in logs", Need::Required),
    field<&AdminToken::secret>("secret", kSecretType, "the token itself", Need::Required),
    field<&AdminToken::role>("role", kRoleType, "admin: may change things; viewer: may look"),
};
constexpr Section<AdminToken> kToken{kTokenFields};
constexpr ListOf<AdminToken> kTokens{"a list of tokens", kToken};

constexpr std::array kAdminFields = {
    field<&AdminSettings::listen>("listen", kListenType, "HOST:PORT, [IPV6]:PORT or unix:PATH"),
    field<&AdminSettings::tokens>(
        "tokens", kTokens,
        "none: `admin.listen` must be loopback or a unix socket, else Sluice refuses to start"),
};

}  // namespace

constexpr Section<ServerSettings> kServerSection{kServerFields};
constexpr Section<AdminSettings> kAdminSection{kAdminFields};

}  // namespace sluice::config
