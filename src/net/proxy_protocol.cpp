#include "net/proxy_protocol.h"

#include "base/text.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sluice::net {
namespace {

using State = ProxyHeader::State;

constexpr std::string_view kSignature1 = "PROXY ";
constexpr std::size_t kMaxLine = 107;
constexpr std::string_view kSignature2{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t kFixed2 = 16;

constexpr ProxyHeader kMalformed{.state = State::Malformed};

// ---- Version 1

std::string_view next_word(std::string_view& rest) {
  const std::size_t space = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, space);
  rest.remove_prefix(std::min(space + 1, rest.size()));
  return word;
}

std::optional<std::uint16_t> parse_port(std::string_view word) {
  const auto port = text::parse_uint(word);
  if (!port || *port > 65535 || (word.size() > 1 && word.starts_with('0'))) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

// Four words, one space between them, nothing behind.
std::optional<SocketAddress> parse_words(std::string_view rest, bool v4) {
  if (std::ranges::count(rest, ' ') != 3) return std::nullopt;
  const std::string_view source_word = next_word(rest);
  const std::string_view destination_word = next_word(rest);
  if (source_word.contains(':') == v4 || destination_word.contains(':') == v4) return std::nullopt;
  const auto source = parse_ip(source_word);
  const auto destination = parse_ip(destination_word);
  const auto source_port = parse_port(next_word(rest));
  const auto destination_port = parse_port(next_word(rest));
  if (!source || !destination || !source_port || !destination_port) return std::nullopt;
  return SocketAddress(*source, *source_port);
}

ProxyHeader parse_line(std::string_view bytes) {
  const std::string_view within = bytes.substr(0, kMaxLine);
  const std::size_t end = within.find('\r');
  const std::string_view line = within.substr(0, end);
  if (!std::ranges::all_of(line, [](char byte) { return byte >= 0x20 && byte < 0x7f; })) {
    return kMalformed;
  }
  if (end == std::string_view::npos || end + 1 == within.size()) {
    return within.size() < kMaxLine ? ProxyHeader() : kMalformed;
  }
  if (within[end + 1] != '\n') return kMalformed;

  ProxyHeader header{.state = State::Complete, .size = end + 2};
  std::string_view rest = line.substr(kSignature1.size());
  const std::string_view family = next_word(rest);
  if (family == "UNKNOWN") return header;
  if (family != "TCP4" && family != "TCP6") return kMalformed;
  header.source = parse_words(rest, family == "TCP4");
  return header.source ? header : kMalformed;
}

// ---- Version 2

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::uint16_t word_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>((byte_at(bytes, at) << 8) | byte_at(bytes, at + 1));
}

bool are_type_length_values(std::string_view rest) {
  while (!rest.empty()) {
    if (rest.size() < 3) return false;
    const std::size_t length = word_at(rest, 1);
    if (rest.size() - 3 < length) return false;
    rest.remove_prefix(3 + length);
  }
  return true;
}

struct Family {
  std::uint8_t address;   // The upper four bits.
  std::size_t size;       // Of one address.
  std::size_t addresses;  // Of all, with ports.
};
constexpr std::array kFamilies{Family{1, 4, 12}, Family{2, 16, 36}, Family{3, 108, 216}};

ProxyHeader parse_binary(std::string_view bytes) {
  if (bytes.size() > 12) {
    const std::uint8_t command = byte_at(bytes, 12);
    if (command != 0x20 && command != 0x21) return kMalformed;
  }
  if (bytes.size() < kFixed2) return {};
  const std::size_t size = kFixed2 + word_at(bytes, 14);
  if (size > ProxyHeader::kMaxSize) return kMalformed;
  if (bytes.size() < size) return {};

  ProxyHeader header{.state = State::Complete, .size = size};
  // LOCAL: a health check of the proxy's own. What it says besides is to be ignored.
  if (byte_at(bytes, 12) == 0x20) return header;
  const std::uint8_t kind = byte_at(bytes, 13);
  const std::string_view body = bytes.substr(kFixed2, size - kFixed2);
  if ((kind & 0x0f) > 2) return kMalformed;
  if (kind >> 4 == 0) return header;
  const auto* const family = std::ranges::find(kFamilies, kind >> 4, &Family::address);
  if (family == kFamilies.end() || body.size() < family->addresses ||
      !are_type_length_values(body.substr(family->addresses))) {
    return kMalformed;
  }
  if (family->size > 16 || (kind & 0x0f) != 1) return header;

  IpAddress ip;
  if (family->size == 4) ip.bytes[10] = ip.bytes[11] = 0xff;
  for (std::size_t i = 0; i < family->size; ++i) {
    ip.bytes[ip.bytes.size() - family->size + i] = byte_at(body, i);
  }
  header.source = SocketAddress(ip, word_at(body, 2 * family->size));
  return header;
}

bool may_begin(std::string_view bytes, std::string_view signature) {
  const std::size_t size = std::min(bytes.size(), signature.size());
  return bytes.substr(0, size) == signature.substr(0, size);
}

}  // namespace

ProxyHeader parse_proxy_header(std::string_view bytes) {
  if (may_begin(bytes, kSignature1)) {
    return bytes.size() < kSignature1.size() ? ProxyHeader() : parse_line(bytes);
  }
  if (may_begin(bytes, kSignature2)) {
    return bytes.size() < kSignature2.size() ? ProxyHeader() : parse_binary(bytes);
  }
  return kMalformed;
}

// Peeks until the header is whole: what is behind it belongs to TLS or HTTP.
Task<ProxyHeader> read_proxy_header(Descriptor& descriptor, Instant deadline) {
  std::array<char, ProxyHeader::kMaxSize> bytes;
  for (;;) {
    const bool last_look = descriptor.peer_finished();
    const ssize_t count = ::recv(descriptor.fd(), bytes.data(), bytes.size(), MSG_PEEK);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) co_return kMalformed;
    if (count > 0) {
      const ProxyHeader header =
          parse_proxy_header({bytes.data(), static_cast<std::size_t>(count)});
      if (header.state == State::Complete) {
        if (::recv(descriptor.fd(), bytes.data(), header.size, 0) !=
            static_cast<ssize_t>(header.size)) {
          co_return kMalformed;
        }
        co_return header;
      }
      if (header.state == State::Malformed || last_look) co_return kMalformed;
    } else if (errno == EINTR) {
      continue;
    }
    // All that is there was seen; more of it will be told as if it were the first.
    descriptor.drained_read();
    if (co_await descriptor.readable(deadline) == Wake::TimedOut) co_return kMalformed;
  }
}

}  // namespace sluice::net
