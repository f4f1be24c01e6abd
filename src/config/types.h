// The scalar types that the tables are made of.
#pragma once

#include "config/listen_address.h"
#include "config/network.h"
#include "config/quantity.h"
#include "config/scalar.h"
#include "config/secret.h"
#include "config/telemetry_settings.h"
#include "config/url.h"

namespace sluice::config {

Parsed<std::string> parse_text(const ScalarText& text);
Parsed<std::string> parse_path(const ScalarText& text);
Parsed<std::string> parse_header_name(const ScalarText& text);
Parsed<std::string> parse_forwarded_header(const ScalarText& text);
Parsed<std::string> parse_origin(const ScalarText& text);
Parsed<std::string> parse_pattern(const ScalarText& text);
Parsed<std::string> parse_target(const ScalarText& text);
Parsed<bool> parse_boolean(const ScalarText& text);
Parsed<Milliseconds> parse_some_duration(const ScalarText& text);
Parsed<Milliseconds> parse_any_duration(const ScalarText& text);
Parsed<std::uint64_t> parse_some_size(const ScalarText& text);
Parsed<std::uint64_t> parse_size_or_always(const ScalarText& text);
Parsed<std::uint64_t> parse_some_count(const ScalarText& text);
Parsed<std::uint32_t> parse_workers(const ScalarText& text);
Parsed<std::int64_t> parse_dollars(const ScalarText& text);
Parsed<double> parse_share(const ScalarText& text);
Parsed<std::chrono::year_month_day> parse_day(const ScalarText& text);
Parsed<Url> parse_service(const ScalarText& text);
Parsed<ListenAddress> parse_listen(const ScalarText& text);
Parsed<Network> parse_cidr(const ScalarText& text);
Parsed<LogTarget> parse_log_target(const ScalarText& text);

Shown show_text(const std::string& value);
Shown show_boolean(const bool& value);
Shown show_duration(const Milliseconds& value);
Shown show_size(const std::uint64_t& value);
Shown show_size_or_always(const std::uint64_t& value);
Shown show_count(const std::uint64_t& value);
Shown show_ratio(const double& value);
Shown show_day(const std::chrono::year_month_day& value);
Shown show_workers(const std::uint32_t& value);
Shown show_service(const Url& value);
Shown show_listen(const ListenAddress& value);
Shown show_cidr(const Network& value);
Shown show_log_target(const LogTarget& value);
template <class T>
Shown show_nothing(const T&) {
  return {};
}

inline constexpr std::string_view kDurationPattern = "^[0-9]+(ms|s|m|h|d)$";
inline constexpr std::string_view kCountPattern = "^[0-9]+[kM]?$";

inline constexpr Scalar<std::string> kTextType{"text", kText, "", parse_text, show_text};
inline constexpr Scalar<std::string> kPathType{"a path", kText, "", parse_path, show_text};
inline constexpr Scalar<std::string> kHeaderNameType{
    "the name of a header", kText, "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", parse_header_name, show_text};
inline constexpr Scalar<std::string> kForwardedHeaderType{"the name of a header", kText,
                                                          "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                                                          parse_forwarded_header, show_text};
inline constexpr Scalar<std::string> kOriginType{
    "an origin such as https://app.example.com, or \"*\"", kText, "", parse_origin, show_text};
inline constexpr Scalar<std::string> kPatternType{"a name, or the beginning of names and one star",
                                                  kText, "^[^*]*[*]?$", parse_pattern, show_text};
inline constexpr Scalar<std::string> kTargetType{"a target PROVIDER/MODEL", kText, "^[^/]+/.",
                                                 parse_target, show_text};
inline constexpr Scalar<bool> kBooleanType{"true or false", kBoolean, "", parse_boolean,
                                           show_boolean};
inline constexpr Scalar<Milliseconds> kDurationType{"a duration such as 250ms, 10s, 5m, 1h or 30d",
                                                    kText, kDurationPattern, parse_some_duration,
                                                    show_duration};
inline constexpr Scalar<Milliseconds> kDurationOrZeroType{"a duration such as 0s, 250ms, 10s or 5m",
                                                          kText, kDurationPattern,
                                                          parse_any_duration, show_duration};
inline constexpr Scalar<std::uint64_t> kSizeType{"a size such as 512B, 64KiB, 32MiB or 1GiB", kText,
                                                 "^[0-9]+([KMG]i)?B$", parse_some_size, show_size};
inline constexpr Scalar<std::uint64_t> kSizeOrAlwaysType{"a size such as 16KiB, or true",
                                                         kText | kBoolean, "^[0-9]+([KMG]i)?B$",
                                                         parse_size_or_always, show_size_or_always};
inline constexpr Scalar<std::uint64_t> kCountType{"a count such as 200, 5k or 2M", kText | kWhole,
                                                  kCountPattern, parse_some_count, show_count};
inline constexpr Scalar<std::uint32_t> kWorkersType{
    "auto or a number from 1 to 256", kText | kWhole, "^auto$", parse_workers, show_workers};
inline constexpr Scalar<std::int64_t> kMoneyType{"an amount such as \"12.50 USD\"", kText,
                                                 "^[0-9]+([.][0-9]{1,12})? USD$", parse_dollars,
                                                 show_nothing<std::int64_t>};
inline constexpr Scalar<double> kRatioType{"a ratio such as 0.2, 5% or 1",
                                           kText | kWhole | kDecimal, "^[0-9]+([.][0-9]+)?%$",
                                           parse_share, show_ratio};
inline constexpr Scalar<std::chrono::year_month_day> kDateType{
    "a date such as \"2027-01-31\"", kText, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", parse_day, show_day};
inline constexpr Scalar<Url> kUrlType{"a URL that begins with http:// or https://", kText,
                                      "^https?://", parse_service, show_service};
inline constexpr Scalar<ListenAddress> kListenType{"an address HOST:PORT, [IPV6]:PORT or unix:PATH",
                                                   kText, ":", parse_listen, show_listen};
inline constexpr Scalar<Network> kNetworkType{
    "a network such as 10.0.0.0/8 or 2001:db8::/32, or one address", kText, "", parse_cidr,
    show_cidr};
inline constexpr Scalar<LogTarget> kLogTargetType{"stderr, stdout or file:PATH", kText,
                                                  "^(stderr|stdout|file:.+)$", parse_log_target,
                                                  show_log_target};

// Empty where nothing may be: a key that is not set counts as absent.
enum class EmptySecret { Refused, Allowed };

class SecretType final : public Of<Secret> {
 public:
  explicit constexpr SecretType(EmptySecret empty) : empty_(empty) {}

  void read_value(Reader& reader, const Node& node, Secret& into) const override;
  Shown show_value(const Secret& value, Secrets secrets) const override;
  Shape shape() const override { return {.words = "a secret", .written = kText}; }

 private:
  EmptySecret empty_;
};

inline constexpr SecretType kSecretType{EmptySecret::Refused};
inline constexpr SecretType kProviderSecretType{EmptySecret::Allowed};

}  // namespace sluice::config
