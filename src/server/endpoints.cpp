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

constexpr std::array kAnthropic{
    Row{"/messages", "POST", EndpointKind::Operation, Operation::Messages},
    Row{"/messages/count_tokens", "POST", EndpointKind::Operation, Operation::CountTokens},
    Row{"/models", "GET, HEAD", EndpointKind::Models},
};

// Below one stored response.
constexpr std::array kStored{
    Row{"", "GET, DELETE", EndpointKind::Operation, Operation::StoredResponse},
    Row{"/cancel", "POST", EndpointKind::Operation, Operation::StoredResponse},
    Row{"/input_items", "GET", EndpointKind::Operation, Operation::StoredResponse},
};

// Behind a model's name.
struct Verb {
  std::string_view name;
  Operation operation;
  bool stream = false;
};
constexpr std::array kGeminiVerbs{
    Verb{":generateContent", Operation::GenerateContent},
    Verb{":streamGenerateContent", Operation::GenerateContent, true},
    Verb{":countTokens", Operation::CountContent},
    Verb{":embedContent", Operation::EmbedContent},
    Verb{":batchEmbedContents", Operation::BatchEmbedContent},
};
constexpr std::array kBedrockVerbs{
    Verb{"/converse", Operation::Converse},
    Verb{"/converse-stream", Operation::Converse, true},
};

constexpr std::array kPlain{
    Row{"/", "GET, HEAD", EndpointKind::Home},
    Row{"/livez", "GET, HEAD", EndpointKind::Live},
    Row{"/healthz", "GET, HEAD", EndpointKind::Live},
    Row{"/readyz", "GET, HEAD", EndpointKind::Ready},
};

constexpr std::string_view kOneModel = "/models/";
constexpr std::string_view kResponses = "/responses/";
constexpr std::string_view kBedrockModel = "/model/";
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

template <std::size_t count>
const Verb* find_verb(const std::array<Verb, count>& verbs, std::string_view path) {
  const auto verb =
      std::ranges::find_if(verbs, [&](const Verb& one) { return path.ends_with(one.name); });
  return verb == verbs.end() ? nullptr : &*verb;
}

Family family_of(std::string_view path, std::string_view query,
                 const net::http1::HeaderTable& fields) {
  if (path.starts_with("/v1beta/")) return Family::Gemini;
  std::string_view known = path;
  take(known, "/v1");
  if (known == "/messages" || known.starts_with("/messages/")) return Family::Anthropic;
  if (known.starts_with(kOneModel) && find_verb(kGeminiVerbs, known)) return Family::Gemini;
  const Row* row = find_row(kOpenAi, known);
  if (known.starts_with(kDeployments) || known.starts_with(kResponses) ||
      (row && row->kind == EndpointKind::Operation)) {
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

Endpoint one_model(std::string_view path, Family family, Arena& arena) {
  const auto model = parameter(path.substr(kOneModel.size()), arena);
  if (!model || model->empty()) return {.family = family};
  return {.kind = EndpointKind::Model,
          .family = family,
          .methods = "GET, HEAD",
          .path = "/models/{id}",
          .model = *model};
}

// "…{model}VERB", with what stands before the model's name taken off.
Endpoint of_verb(const Verb& verb, std::string_view path, Family family, Arena& arena) {
  const auto model = parameter(path.substr(0, path.size() - verb.name.size()), arena);
  if (!model || model->empty()) return {.family = family};
  return {.kind = EndpointKind::Operation,
          .family = family,
          .operation = verb.operation,
          .methods = "POST",
          .path = traits(verb.operation).name,
          .model = *model,
          .stream = verb.stream};
}

bool has_pair(std::string_view query, std::string_view pair) {
  while (!query.empty()) {
    const std::string_view first = query.substr(0, query.find('&'));
    if (first == pair) return true;
    query.remove_prefix(std::min(first.size() + 1, query.size()));
  }
  return false;
}

// Below /v1beta or /v1.
Endpoint gemini_endpoint(std::string_view path, std::string_view query, Arena& arena) {
  if (!take(path, "/v1beta")) take(path, "/v1");
  if (path == "/models") {
    return {.kind = EndpointKind::Models,
            .family = Family::Gemini,
            .methods = "GET, HEAD",
            .path = "/models"};
  }
  if (!path.starts_with(kOneModel)) return {.family = Family::Gemini};
  const Verb* verb = find_verb(kGeminiVerbs, path);
  if (!verb) return one_model(path, Family::Gemini, arena);
  Endpoint endpoint = of_verb(*verb, path.substr(kOneModel.size()), Family::Gemini, arena);
  endpoint.stream_array = verb->stream && !has_pair(query, "alt=sse");
  return endpoint;
}

// "/responses/{id}" and what is below it; `target` goes on to who keeps it.
Endpoint stored_response(std::string_view path, std::string_view target, Arena& arena) {
  std::string_view id = path.substr(kResponses.size());
  const std::size_t slash = std::min(id.find('/'), id.size());
  const Row* row = find_row(kStored, id.substr(slash));
  const auto name = parameter(id.substr(0, slash), arena);
  if (!row || !name || name->empty()) return {};
  Endpoint endpoint = of(*row, Family::OpenAi);
  endpoint.path = "/responses/{id}";
  endpoint.rest = target.substr(static_cast<std::size_t>(path.data() - target.data()));
  return endpoint;
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

// A provider's own path that says an operation we know; else of another kind.
Endpoint readable(std::string_view rest, std::string_view query, Family family, Arena& arena) {
  std::string_view known = rest;
  take(known, "/v1");
  if (const Row* row = find_row(kAnthropic, known)) return of(*row, Family::Anthropic);
  if (const Row* row = find_row(kOpenAi, known)) return of(*row, family);
  if (rest.starts_with(kBedrockModel)) {
    const Verb* verb = find_verb(kBedrockVerbs, rest);
    if (verb) return of_verb(*verb, rest.substr(kBedrockModel.size()), family, arena);
  }
  if (rest.starts_with("/v1beta/") || find_verb(kGeminiVerbs, known)) {
    return gemini_endpoint(rest, query, arena);
  }
  return {.family = family};
}

// "/providers/NAME/REST": an operation that we can read, or that provider's own affair.
Endpoint raw_endpoint(std::string_view path, std::string_view query, std::string_view target,
                      Family family, Arena& arena) {
  Endpoint missing{.family = family};
  path.remove_prefix(kProviders.size());
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return missing;
  const auto name = parameter(path.substr(0, slash), arena);
  if (!name) return missing;
  std::string_view rest = path.substr(slash);
  if (climbs(rest)) return missing;

  Endpoint endpoint = readable(rest, query, family, arena);
  if (endpoint.kind != EndpointKind::Operation) {
    endpoint = {.kind = EndpointKind::Operation,
                .family = family,
                .operation = Operation::Raw,
                .methods = "GET, HEAD, POST, PUT, PATCH, DELETE"};
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
    ListedEndpoint{"GET", "/v1/responses/{id} …/input_items",
                   "a stored response (also DELETE, POST …/cancel)"},
    ListedEndpoint{"POST", "/v1/messages", "Anthropic messages, streamed or not"},
    ListedEndpoint{"POST", "/v1/messages/count_tokens", "how many tokens they are"},
    ListedEndpoint{"POST", "/v1beta/models/{model}:generateContent",
                   "Gemini, also :streamGenerateContent"},
    ListedEndpoint{"POST", "/v1beta/models/{model}:countTokens", "how many tokens they are"},
    ListedEndpoint{"POST", "/v1beta/models/{model}:embedContent",
                   "embeddings, also :batchEmbedContents"},
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
  if (path.starts_with(kProviders)) return raw_endpoint(path, query, target, family, arena);
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

  if (family == Family::Gemini) return gemini_endpoint(path, query, arena);
  take(path, "/v1");
  if (path.starts_with(kOneModel)) return one_model(path, family, arena);
  if (family == Family::Anthropic) {
    const Row* row = find_row(kAnthropic, path);
    return row ? of(*row, family) : Endpoint{.family = family};
  }
  if (path.starts_with(kResponses)) return stored_response(path, target, arena);
  const Row* row = find_row(kOpenAi, path);
  return row ? of(*row, family) : Endpoint{.family = family};
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
