#include "server/endpoints.h"

#include <algorithm>
#include <array>

namespace sluice::server {
namespace {

using net::http1::HeaderId;

struct Row {
  std::string_view path;
  std::string_view methods;
  EndpointKind kind;
  Operation operation = Operation::Chat;
};

// Below /v1, which may be left out.
constexpr std::array kOpenAi{
    Row{"/chat/completions", "POST", EndpointKind::Operation, Operation::Chat},
    Row{"/completions", "POST", EndpointKind::Operation, Operation::Completions},
    Row{"/responses", "POST", EndpointKind::Operation, Operation::Responses},
    Row{"/embeddings", "POST", EndpointKind::Operation, Operation::Embeddings},
    Row{"/moderations", "POST", EndpointKind::Operation, Operation::Moderations},
    Row{"/images/generations", "POST", EndpointKind::Operation, Operation::Images},
    Row{"/images/edits", "POST", EndpointKind::Operation, Operation::ImageEdits},
    Row{"/images/variations", "POST", EndpointKind::Operation, Operation::ImageVariations},
    Row{"/audio/transcriptions", "POST", EndpointKind::Operation, Operation::Transcriptions},
    Row{"/audio/translations", "POST", EndpointKind::Operation, Operation::Translations},
    Row{"/audio/speech", "POST", EndpointKind::Operation, Operation::Speech},
    Row{"/rerank", "POST", EndpointKind::Operation, Operation::Rerank},
    Row{"/realtime", "GET", EndpointKind::Operation, Operation::Realtime},
    Row{"/models", "GET, HEAD", EndpointKind::Models},
};

constexpr std::array kPlain{
    Row{"/", "GET, HEAD", EndpointKind::Home},
    Row{"/livez", "GET, HEAD", EndpointKind::Live},
    Row{"/healthz", "GET, HEAD", EndpointKind::Live},
    Row{"/readyz", "GET, HEAD", EndpointKind::Ready},
};

constexpr std::string_view kOneModel = "/models/";
constexpr std::string_view kDeployments = "/deployments/";
constexpr std::string_view kProviders = "/providers/";

bool take(std::string_view& path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return false;
  // Only whole segments.
  if (path.size() > prefix.size() && path[prefix.size()] != '/') return false;
  path.remove_prefix(prefix.size());
  return true;
}

int hex(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

bool is_parameter_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') ||
         std::string_view("._:@/-").find(byte) != std::string_view::npos;
}

// Decoded once, then nothing but what names are made of: no empty part, no "." and no "..".
std::optional<std::string_view> parameter(std::string_view raw, Arena& arena) {
  std::span<char> decoded = arena.array<char>(raw.size() + 1);
  std::size_t size = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    char byte = raw[i];
    if (byte == '%') {
      if (i + 2 >= raw.size()) return std::nullopt;
      const int high = hex(raw[i + 1]);
      const int low = hex(raw[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      byte = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (!is_parameter_byte(byte)) return std::nullopt;
    decoded[size++] = byte;
  }
  const std::string_view name(decoded.data(), size);
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return std::nullopt;
    begin = end + 1;
  }
  return name;
}

const Row* find_row(std::span<const Row> rows, std::string_view path) {
  const auto row = std::ranges::find(rows, path, &Row::path);
  return row == rows.end() ? nullptr : &*row;
}

Family family_of(std::string_view path, std::string_view query,
                 const net::http1::HeaderTable& fields) {
  if (path.starts_with("/v1beta/")) return Family::Gemini;
  if (path == "/messages" || path.starts_with("/messages/") || path == "/v1/messages" ||
      path.starts_with("/v1/messages/")) {
    return Family::Anthropic;
  }
  std::string_view known = path;
  take(known, "/v1");
  const Row* row = find_row(kOpenAi, known);
  if (known.starts_with(kDeployments) || (row && row->kind == EndpointKind::Operation)) {
    return Family::OpenAi;
  }
  if (fields.has(HeaderId::AnthropicVersion)) return Family::Anthropic;
  if (fields.has(HeaderId::XGoogApiKey) || query.starts_with("key=") ||
      query.find("&key=") != std::string_view::npos) {
    return Family::Gemini;
  }
  return Family::OpenAi;
}

Endpoint of(const Row& row, Family family) {
  return {.kind = row.kind,
          .family = family,
          .operation = row.operation,
          .methods = row.methods,
          .path = row.path};
}

// Dot segments, as any server may read them, would lead out of where the provider is configured to
// be.
bool climbs(std::string_view path) {
  constexpr std::string_view ends = "/\\;";
  std::size_t dots = 0;
  bool only_dots = true;
  for (std::size_t i = 0; i <= path.size(); ++i) {
    char byte = i < path.size() ? path[i] : '/';
    if (byte == '%' && i + 2 < path.size()) {
      byte = static_cast<char>(hex(path[i + 1]) * 16 + hex(path[i + 2]));
      i += 2;
    }
    if (ends.find(byte) != std::string_view::npos) {
      if (only_dots && (dots == 1 || dots == 2)) return true;
      dots = 0;
      only_dots = true;
    } else if (byte == '.') {
      ++dots;
    } else {
      only_dots = false;
    }
  }
  return false;
}

// "/providers/NAME/REST": an operation that we can read, or that provider's own affair.
Endpoint raw_endpoint(std::string_view path, std::string_view target, Family family, Arena& arena) {
  Endpoint missing{.family = family};
  path.remove_prefix(kProviders.size());
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return missing;
  const auto name = parameter(path.substr(0, slash), arena);
  if (!name) return missing;
  std::string_view rest = path.substr(slash);
  if (climbs(rest)) return missing;

  std::string_view known = rest;
  take(known, "/v1");
  Endpoint endpoint{.kind = EndpointKind::Operation, .family = family, .operation = Operation::Raw};
  if (const Row* row = find_row(kOpenAi, known); row && row->kind == EndpointKind::Operation) {
    endpoint = of(*row, family);
  } else {
    endpoint.methods = "GET, HEAD, POST, PUT, PATCH, DELETE";
  }
  endpoint.path = "/providers";
  endpoint.provider = *name;
  endpoint.rest = target.substr(static_cast<std::size_t>(rest.data() - target.data()));
  return endpoint;
}

constexpr std::array kListed{
    ListedEndpoint{"POST", "/v1/chat/completions", "chat, streamed or not"},
    ListedEndpoint{"POST", "/v1/completions", "text completions"},
    ListedEndpoint{"POST", "/v1/responses", "OpenAI responses"},
    ListedEndpoint{"POST", "/v1/embeddings", "embeddings"},
    ListedEndpoint{"POST", "/v1/moderations", "moderation"},
    ListedEndpoint{"POST", "/v1/images/generations", "images from text"},
    ListedEndpoint{"POST", "/v1/images/edits", "images from images (multipart)"},
    ListedEndpoint{"POST", "/v1/images/variations", "variations of an image (multipart)"},
    ListedEndpoint{"POST", "/v1/audio/transcriptions", "speech to text (multipart)"},
    ListedEndpoint{"POST", "/v1/audio/translations", "speech to English text (multipart)"},
    ListedEndpoint{"POST", "/v1/audio/speech", "text to speech"},
    ListedEndpoint{"POST", "/v1/rerank", "ranking of documents"},
    ListedEndpoint{"GET", "/v1/realtime", "a WebSocket session"},
    ListedEndpoint{"GET", "/v1/models", "what this key may ask for"},
    ListedEndpoint{"GET", "/v1/models/{id}", "one model"},
    ListedEndpoint{"any", "/providers/{name}/…", "a provider's own API"},
    ListedEndpoint{"POST", "/openai/deployments/{model}/…",
                   "the same operations as Azure spells them"},
    ListedEndpoint{"GET", "/livez /healthz /readyz", "health"},
};

}  // namespace

Endpoint find_endpoint(const net::http1::RequestHead& head, Arena& arena) {
  const std::string_view target = head.target;
  const std::size_t mark = target.find('?');
  std::string_view path = target.substr(0, mark);
  const std::string_view query =
      mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);

  if (const Row* row = find_row(kPlain, path)) return of(*row, Family::OpenAi);

  Family family;
  if (take(path, "/openai")) {
    family = Family::OpenAi;
  } else if (take(path, "/anthropic")) {
    family = Family::Anthropic;
  } else if (take(path, "/gemini")) {
    family = Family::Gemini;
  } else {
    family = family_of(path, query, head.fields);
  }
  if (path.starts_with(kProviders)) return raw_endpoint(path, target, family, arena);
  if (path.starts_with(kDeployments)) {
    path.remove_prefix(kDeployments.size());
    // The name may hold slashes: what follows it is one of ours.
    for (const Row& row : kOpenAi) {
      if (row.kind != EndpointKind::Operation || !path.ends_with(row.path)) continue;
      const auto model = parameter(path.substr(0, path.size() - row.path.size()), arena);
      if (!model || model->empty()) continue;
      Endpoint endpoint = of(row, family);
      endpoint.model = *model;
      return endpoint;
    }
    return {.family = family};
  }

  take(path, "/v1");
  if (family != Family::OpenAi && path != "/models" && !path.starts_with(kOneModel))
    return {.family = family};
  if (const Row* row = find_row(kOpenAi, path)) return of(*row, family);
  if (path.starts_with(kOneModel)) {
    if (const auto model = parameter(path.substr(kOneModel.size()), arena)) {
      return {.kind = EndpointKind::Model,
              .family = family,
              .methods = "GET, HEAD",
              .path = "/models/{id}",
              .model = *model};
    }
  }
  return {.family = family};
}

bool allows(const Endpoint& endpoint, std::string_view method) {
  std::string_view rest = endpoint.methods;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(", "), rest.size());
    if (rest.substr(0, comma) == method) return true;
    rest.remove_prefix(std::min(comma + 2, rest.size()));
  }
  return false;
}

std::span<const ListedEndpoint> listed_endpoints() {
  return kListed;
}

}  // namespace sluice::server
