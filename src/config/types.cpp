#include "config/types.h"

#include "config/digest.h"
#include "config/paths.h"
#include "config/provider_settings.h"
#include "config/server_settings.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sluice::config {
namespace {

using Wrong = std::unexpected<std::string>;

// "expected WORDS, not …"
Wrong not_that() {
  return Wrong(std::string());
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.contains(c);
  });
}

bool is_host_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '_' || c == '-';
  });
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), text::lower);
  return out;
}

template <class T>
Parsed<T> or_not_that(std::optional<T> value) {
  if (!value) return not_that();
  return *std::move(value);
}

template <class T>
Parsed<T> above_zero(std::optional<T> value, std::string_view what) {
  if (!value) return not_that();
  if (*value == T{}) return Wrong("expected " + std::string(what) + " above zero");
  return *value;
}

}  // namespace

Parsed<std::string> parse_text(const ScalarText& text) {
  constexpr std::size_t kLongest = 4096;
  if (text.text.empty()) return Wrong("is empty");
  if (text.text.size() > kLongest) return Wrong("is longer than 4096 bytes");
  if (has_control(text.text)) return Wrong("holds a control character");
  return std::string(text.text);
}

Parsed<std::string> parse_path(const ScalarText& text) {
  auto path = parse_text(text);
  if (!path) return path;
  return absolute_path(*path, text.folder);
}

Parsed<std::string> parse_header_name(const ScalarText& text) {
  if (!is_token(text.text)) return not_that();
  auto name = lowered(text.text);
  constexpr std::array<std::string_view, 13> kOurs = {"connection",
                                                      "content-encoding",
                                                      "content-length",
                                                      "content-type",
                                                      "expect",
                                                      "host",
                                                      "keep-alive",
                                                      "proxy-connection",
                                                      "te",
                                                      "trailer",
                                                      "transfer-encoding",
                                                      "upgrade",
                                                      "accept-encoding"};
  if (std::ranges::find(kOurs, name) != kOurs.end())
    return Wrong("Sluice writes this header itself");
  return name;
}

Parsed<std::string> parse_forwarded_header(const ScalarText& text) {
  auto name = parse_header_name(text);
  if (!name) return name;
  constexpr std::array<std::string_view, 8> kPrivate = {
      "authorization",  "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key",
      "x-goog-api-key", "proxy-authenticate"};
  if (std::ranges::find(kPrivate, *name) != kPrivate.end() || name->starts_with("x-sluice-") ||
      name->starts_with("x-stainless-")) {
    return Wrong("this header of a caller never goes to a provider");
  }
  return name;
}

Parsed<std::string> parse_origin(const ScalarText& text) {
  if (text.text == "*") return std::string("*");
  const auto url = parse_url(text.text);
  if (!url || !url->path.empty() || text.text.ends_with('/')) return not_that();
  return url->text();
}

Parsed<std::string> parse_pattern(const ScalarText& text) {
  const auto star = text.text.find('*');
  if (star != std::string_view::npos && star + 1 != text.text.size()) return not_that();
  return parse_text(text);
}

Parsed<std::string> parse_target(const ScalarText& text) {
  const auto slash = text.text.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == text.text.size()) {
    return not_that();
  }
  return parse_text(text);
}

Parsed<bool> parse_boolean(const ScalarText& text) {
  if (text.text == "true") return true;
  if (text.text == "false") return false;
  return not_that();
}

Parsed<Milliseconds> parse_some_duration(const ScalarText& text) {
  return above_zero(parse_duration(text.text), "a duration");
}

Parsed<Milliseconds> parse_any_duration(const ScalarText& text) {
  return or_not_that(parse_duration(text.text));
}

Parsed<std::uint64_t> parse_some_size(const ScalarText& text) {
  return above_zero(parse_size(text.text), "a size");
}

Parsed<std::uint64_t> parse_size_or_always(const ScalarText& text) {
  if (text.text == "true") return kAlways;
  return or_not_that(parse_size(text.text));
}

Parsed<std::uint64_t> parse_some_count(const ScalarText& text) {
  return above_zero(parse_count(text.text), "a count");
}

Parsed<std::uint32_t> parse_workers(const ScalarText& text) {
  constexpr std::uint64_t kMost = 256;
  if (text.text == "auto") return 0U;
  const auto number = parse_count(text.text);
  if (!number || *number == 0 || *number > kMost) return not_that();
  return static_cast<std::uint32_t>(*number);
}

Parsed<std::int64_t> parse_dollars(const ScalarText& text) {
  return or_not_that(parse_money(text.text));
}

Parsed<double> parse_share(const ScalarText& text) {
  return or_not_that(parse_ratio(text.text));
}

Parsed<std::chrono::year_month_day> parse_day(const ScalarText& text) {
  return or_not_that(parse_date(text.text));
}

// A variable may be the beginning of the URL, or a word of its host, or a piece of its path. It
// must not be a word of the host that ends the host: "https://${REGION}.example.com" with
// "evil.net/".
Parsed<Url> parse_service(const ScalarText& text) {
  for (const auto& piece : text.pieces) {
    const auto before = text.text.substr(0, piece.begin);
    const auto scheme = before.find("://");
    if (piece.begin == 0 || scheme == std::string_view::npos) continue;
    if (before.find('/', scheme + 3) != std::string_view::npos) continue;
    if (!is_host_word(text.text.substr(piece.begin, piece.end - piece.begin))) {
      return Wrong("what a variable puts into the host must be letters, digits, dots, - and _");
    }
  }
  return parse_url(text.text);
}

Parsed<ListenAddress> parse_listen(const ScalarText& text) {
  if (has_control(text.text)) return Wrong("holds a control character");
  return parse_listen_address(text.text, text.folder);
}

Parsed<Network> parse_cidr(const ScalarText& text) {
  return parse_network(text.text);
}

Parsed<LogTarget> parse_log_target(const ScalarText& text) {
  if (text.text == "stderr") return LogTarget{LogTarget::Kind::Stderr, {}};
  if (text.text == "stdout") return LogTarget{LogTarget::Kind::Stdout, {}};
  constexpr std::string_view kFile = "file:";
  if (!text.text.starts_with(kFile) || text.text.size() == kFile.size()) return not_that();
  if (has_control(text.text)) return Wrong("holds a control character");
  return LogTarget{LogTarget::Kind::File,
                   absolute_path(text.text.substr(kFile.size()), text.folder)};
}

Shown show_text(const std::string& value) {
  return value.empty() ? Shown{} : Shown::quoted(value);
}

Shown show_boolean(const bool& value) {
  return Shown::plain(value ? "true" : "false");
}

Shown show_duration(const Milliseconds& value) {
  return Shown::plain(duration_text(value));
}

Shown show_size(const std::uint64_t& value) {
  return Shown::plain(size_text(value));
}

Shown show_size_or_always(const std::uint64_t& value) {
  return value == kAlways ? Shown::plain("true") : show_size(value);
}

Shown show_count(const std::uint64_t& value) {
  return Shown::plain(count_text(value));
}

Shown show_ratio(const double& value) {
  std::array<char, 512> text{};  // The smallest one has over 300 digits.
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  return Shown::plain(std::string(text.data(), end.ptr));
}

Shown show_day(const std::chrono::year_month_day& value) {
  const auto digits = [](unsigned number, std::size_t count) {
    const auto text = std::to_string(number);
    return std::string(count - text.size(), '0') + text;
  };
  return Shown::quoted(digits(static_cast<unsigned>(static_cast<int>(value.year())), 4) + "-" +
                       digits(static_cast<unsigned>(value.month()), 2) + "-" +
                       digits(static_cast<unsigned>(value.day()), 2));
}

Shown show_workers(const std::uint32_t& value) {
  return Shown::plain(value == 0 ? "auto" : std::to_string(value));
}

Shown show_service(const Url& value) {
  return value.empty() ? Shown{} : Shown::quoted(value.text());
}

Shown show_listen(const ListenAddress& value) {
  return Shown::quoted(value.text());
}

Shown show_cidr(const Network& value) {
  return Shown::quoted(value.text());
}

Shown show_log_target(const LogTarget& value) {
  switch (value.kind) {
    case LogTarget::Kind::Stderr:
      return Shown::quoted("stderr");
    case LogTarget::Kind::Stdout:
      return Shown::quoted("stdout");
    case LogTarget::Kind::File:
      return Shown::quoted("file:" + value.path);
  }
  return {};
}

void SecretType::read_value(Reader& reader, const Node& node, Secret& into) const {
  const auto text = reader.scalar(node, kText, "a secret");
  if (reader.left_open()) {
    into = Secret(reader.placeholder());
    return;
  }
  if (!text) return;
  if (text->text.empty()) {
    if (empty_ == EmptySecret::Refused) reader.error(node, "is empty; a secret must not be");
    return;
  }
  // It goes into header lines: a line end would begin another header.
  if (has_control(text->text) || text->text.front() == ' ' || text->text.back() == ' ') {
    return reader.error(node, "holds a control character, or a space at an end");
  }
  into = Secret(std::string(text->text));
}

Shown SecretType::show_value(const Secret& value, Secrets secrets) const {
  if (value.empty()) return {};
  return Shown::quoted(secrets == Secrets::Masked ? "********" : to_hex(sha256(value.reveal())));
}

}  // namespace sluice::config
