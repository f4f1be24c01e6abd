#include "providers/credentials/aws_sigv4.h"

#include "base/text.h"

#include <algorithm>
#include <tuple>
#include <vector>

namespace sluice::providers {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kRequest = "aws4_request";

bool is_unreserved(char c) {
  const char letter = text::lower(c);
  return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").contains(c);
}

void append_escaped(std::string& out, char c) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kDigits[byte >> 4U];
  out += kDigits[byte & 15U];
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      append_escaped(out, c);
    }
  }
}

// Without empty segments and dots, but with the slash at its end.
void append_path(std::string& out, std::string_view path) {
  std::vector<std::string_view> segments;
  bool slash_at_end = true;
  for (std::size_t at = 0; at < path.size();) {
    const std::string_view segment = path.substr(at, path.find('/', at) - at);
    at += segment.size() + 1;
    slash_at_end = at == path.size() || segment.empty() || segment == "." || segment == "..";
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
  }
  for (const std::string_view segment : segments) append_escaped(out += '/', segment);
  if (segments.empty() || slash_at_end) out += '/';
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char letter = text::lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// Escaped just as AWS does it, however it was escaped before.
std::string escape_again(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      c = static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    }
    append_escaped(out, std::string_view(&c, 1));
  }
  return out;
}

void append_query(std::string& out, std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(one.size() + 1, query.size()));
    if (one.empty()) continue;
    const std::size_t sign = std::min(one.find('='), one.size());
    parameters.emplace_back(escape_again(one.substr(0, sign)),
                            escape_again(one.substr(std::min(sign + 1, one.size()))));
  }
  std::ranges::sort(parameters);
  bool first = true;
  for (const auto& [name, value] : parameters) {
    if (!first) out += '&';
    first = false;
    out.append(name).append("=").append(value);
  }
}

// Spaces at the ends go, others become one.
void append_value(std::string& out, std::string_view value) {
  bool space = false;
  for (const char c : text::trim(value)) {
    const bool is_space = c == ' ' || c == '\t';
    if (!is_space || !space) out += is_space ? ' ' : c;
    space = is_space;
  }
}

struct Header {
  std::string name;
  std::string_view value;
  std::size_t place = 0;  // Among all of them.
};

// By name; fields of one name stay in their order.
std::vector<Header> sorted(std::span<const Field> fields) {
  std::vector<Header> headers;
  for (const Field& field : fields) {
    Header header{.name = std::string(field.name), .value = field.value, .place = headers.size()};
    std::ranges::transform(header.name, header.name.begin(), text::lower);
    headers.push_back(std::move(header));
  }
  std::ranges::sort(headers, {}, [](const Header& one) { return std::tie(one.name, one.place); });
  return headers;
}

// Fields of one name become one line.
std::string append_headers(std::string& out, std::span<const Header> headers) {
  std::string names;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const bool again = i > 0 && headers[i].name == headers[i - 1].name;
    if (!again) names.append(names.empty() ? "" : ";").append(headers[i].name);
    out.append(again ? "," : headers[i].name + ":");
    append_value(out, headers[i].value);
    const bool more = i + 1 < headers.size() && headers[i + 1].name == headers[i].name;
    if (!more) out += '\n';
  }
  return names;
}

}  // namespace

Sha256Digest aws_signing_key(std::string_view secret_key, std::string_view day,
                             std::string_view region, std::string_view service) {
  Sha256Digest key = hmac_sha256("AWS4" + std::string(secret_key), day);
  for (const std::string_view part : {region, service, kRequest}) {
    key = hmac_sha256(bytes_of(key), part);
  }
  return key;
}

std::string_view aws_date(std::chrono::system_clock::time_point wall, Arena& arena) {
  using std::chrono::floor;
  const auto seconds = floor<std::chrono::seconds>(wall);
  const auto day = floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(seconds - day);
  std::span<char> out = arena.array<char>(16);
  std::size_t at = 0;
  const auto put = [&](std::int64_t value, std::size_t digits) {
    for (std::size_t i = digits; i-- > 0; value /= 10) {
      out[at + i] = static_cast<char>('0' + value % 10);
    }
    at += digits;
  };
  put(static_cast<int>(date.year()), 4);
  put(static_cast<unsigned>(date.month()), 2);
  put(static_cast<unsigned>(date.day()), 2);
  out[at++] = 'T';
  put(time.hours().count(), 2);
  put(time.minutes().count(), 2);
  put(time.seconds().count(), 2);
  out[at] = 'Z';
  return {out.data(), out.size()};
}

const Sha256Digest& AwsSigner::key_of(std::string_view secret_key, std::string_view day) {
  if (day_ != day || secret_key_ != secret_key) {
    key_ = aws_signing_key(secret_key, day, region_, service_);
    day_ = day;
    secret_key_ = secret_key;
  }
  return key_;
}

std::string_view AwsSigner::authorization(const AwsKeys& keys, const AwsMessage& message,
                                          Arena& arena) {
  const std::size_t mark = std::min(message.target.find('?'), message.target.size());
  std::string request(message.method);
  append_path(request += '\n', message.target.substr(0, mark));
  append_query(request += '\n', message.target.substr(std::min(mark + 1, message.target.size())));
  request += '\n';
  const std::string names = append_headers(request, sorted(message.signed_fields));
  request.append("\n").append(names).append("\n").append(message.body_digest);

  const std::string_view day = message.date.substr(0, 8);
  const std::string_view scope = arena.join(day, "/", region_, "/", service_, "/", kRequest);
  const auto digest = hex_of(sha256(request));
  const std::string_view text =
      arena.join(kAlgorithm, "\n", message.date, "\n", scope, "\n", text_of(digest));
  const auto signature = hex_of(hmac_sha256(bytes_of(key_of(keys.secret_key, day)), text));
  return arena.join(kAlgorithm, " Credential=", keys.access_key, "/", scope,
                    ", SignedHeaders=", names, ", Signature=", text_of(signature));
}

}  // namespace sluice::providers
