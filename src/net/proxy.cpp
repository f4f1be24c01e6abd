#include "net/proxy.h"

#include "net/address.h"
#include "net/connect_error.h"

#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <optional>

namespace sluice::net {
namespace {

constexpr std::uint16_t kDefaultPort = 80;
constexpr Duration kStall = std::chrono::seconds(10);
constexpr std::size_t kMaxAnswer = 8192;

std::unexpected<Failure> refuse(const char* why) {
  return fail(ErrorKind::InvalidRequest, "invalid_request",
              "the proxy's URL " + std::string(why) + "; write http://[user:password@]host:port");
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned char byte = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (error != std::errc() || end != digits.data() + 2) return std::nullopt;
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

std::string base64(std::string_view text) {
  std::string encoded((text.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL writes a final NUL.
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

bool is_host(std::string_view host) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !host.empty() && host.find_first_not_of(kAllowed) == std::string_view::npos;
}

// "HTTP/1.1 200 …" → 200.
std::optional<int> status_of(std::string_view answer) {
  if (!answer.starts_with("HTTP/1.") || answer.size() < 12 || answer[8] != ' ') return std::nullopt;
  int status = 0;
  const auto [end, error] = std::from_chars(answer.data() + 9, answer.data() + 12, status);
  if (error != std::errc() || end != answer.data() + 12) return std::nullopt;
  return status;
}

}  // namespace

Result<Proxy> parse_proxy(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return refuse("does not begin with http://");
  url.remove_prefix(kScheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);

  Proxy proxy;
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
    const std::string_view given = url.substr(0, at);
    url.remove_prefix(at + 1);
    const std::size_t colon = given.find(':');
    const auto user = percent_decoded(given.substr(0, colon));
    const auto password =
        percent_decoded(colon == std::string_view::npos ? "" : given.substr(colon + 1));
    if (!user || !password) return refuse("has a damaged user or password");
    proxy.authorization = "Basic " + base64(*user + ':' + *password);
  }

  std::string_view host = url;
  std::optional<std::string_view> port;
  if (url.starts_with('[')) {
    const std::size_t bracket = url.find(']');
    if (bracket == std::string_view::npos || !parse_ip(url.substr(1, bracket - 1))) {
      return refuse("has no host");
    }
    host = url.substr(1, bracket - 1);
    const std::string_view rest = url.substr(bracket + 1);
    if (!rest.empty() && rest.front() != ':') return refuse("has no port");
    if (!rest.empty()) port = rest.substr(1);
  } else {
    if (const std::size_t colon = url.find(':'); colon != std::string_view::npos) {
      host = url.substr(0, colon);
      port = url.substr(colon + 1);
    }
    if (!is_host(host)) return refuse("has no host");
  }
  proxy.host = host;
  proxy.port = kDefaultPort;
  if (port) {
    const auto [end, error] =
        std::from_chars(port->data(), port->data() + port->size(), proxy.port);
    if (error != std::errc() || end != port->data() + port->size() || proxy.port == 0) {
      return refuse("has no port");
    }
  }
  return proxy;
}

Task<Result<void>> ask_proxy(Transport& transport, const Proxy& proxy, const std::string& authority,
                             Instant deadline) {
  std::string request = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  if (!proxy.authorization.empty()) {
    request += "Proxy-Authorization: " + proxy.authorization + "\r\n";
  }
  request += "\r\n";
  const std::string_view piece = request;
  if (co_await write_all(transport, {&piece, 1}, kStall) != IoStatus::Ok) {
    co_return connect_failed("the proxy " + proxy.host + " did not take the request", {});
  }

  std::array<char, kMaxAnswer> answer;
  std::size_t size = 0;
  std::size_t end = std::string_view::npos;
  while (end == std::string_view::npos && size < answer.size()) {
    const ReadOutcome outcome =
        co_await read_some(transport, std::span(answer).subspan(size), deadline);
    if (outcome.status == IoStatus::TimedOut) {
      co_return connect_timed_out("the proxy " + proxy.host + " took too long");
    }
    if (outcome.status != IoStatus::Ok) {
      co_return connect_failed("the proxy " + proxy.host + " closed the connection", {});
    }
    size += outcome.bytes;
    end = std::string_view(answer.data(), size).find("\r\n\r\n");
  }

  const std::string_view head(answer.data(), size);
  const auto status = status_of(head);
  if (!status || end == std::string_view::npos) {
    co_return connect_failed("the proxy " + proxy.host + " does not answer in HTTP", {});
  }
  if (*status / 100 != 2) {
    co_return connect_failed("the proxy " + proxy.host + " refused to connect",
                             "status " + std::to_string(*status));
  }
  // We speak first, so nothing may stand behind the head.
  if (end + 4 != size) {
    co_return connect_failed("the proxy " + proxy.host + " sent more than an answer", {});
  }
  co_return {};
}

}  // namespace sluice::net
