#include "providers/simulator/simulator.h"

#include "base/text.h"
#include "providers/simulator/ask_parts.h"
#include "providers/simulator/endpoints.h"
#include "providers/simulator/json_text.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sluice::providers::simulator {
namespace {

constexpr std::string_view kHtmlPage =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    "<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n";

struct Endpoint {
  std::string_view path;
  Result<Made> (*make)(Call& call);
  Capability capability;
  std::string_view default_model;  // Empty: the request must name one.
  bool form = false;               // Multipart bodies are taken as well.
};

constexpr Endpoint kEndpoints[] = {
    {"/chat/completions", chat, Capability::Chat, ""},
    {"/responses", responses, Capability::Chat, ""},
    {"/responses/input_tokens", input_tokens, Capability::Chat, ""},
    {"/completions", completions, Capability::Chat, ""},
    {"/embeddings", embeddings, Capability::Embeddings, ""},
    {"/moderations", moderations, Capability::Moderations, "moderation"},
    {"/images/generations", images, Capability::Images, "image"},
    {"/images/edits", images, Capability::Images, "image", true},
    {"/images/variations", images, Capability::Images, "image", true},
    {"/audio/speech", speech, Capability::Speech, "speech"},
    {"/audio/transcriptions", transcriptions, Capability::Transcriptions, "transcription", true},
    {"/audio/translations", transcriptions, Capability::Transcriptions, "transcription", true},
};

constexpr std::string_view kModelsPath = "/models";

std::string_view plain_path(std::string_view path) {
  path = path.substr(0, path.find('?'));
  if (path.starts_with("/v1/")) path.remove_prefix(3);
  return path;
}

Reply reply_of(Head head, Script script) {
  head.content_length = script.content_length();
  return {std::move(head), std::move(script)};
}

Reply problem_reply(const Problem& problem, Head head, Knobs knobs) {
  head.status = problem.status;
  knobs.fault = Fault::None;
  return reply_of(std::move(head), Script(problem.body(), 0, std::move(knobs)));
}

Problem problem_of(const ApiError& error) {
  const auto status = error.code == "method_not_allowed"  ? 405
                      : error.kind == ErrorKind::NotFound ? 404
                                                          : 400;
  return {status, error.message, error.param, std::string(error.code)};
}

std::unexpected<Failure> no_such_model(std::string_view name) {
  return fail(ErrorKind::NotFound, "model_not_found",
              "The model `" + std::string(name) +
                  "` does not exist. The simulator's models are listed at /v1/models.");
}

void append_model(std::string& out, const Model& model, std::string_view id, std::int64_t created) {
  out += R"({"id":)";
  append_quoted(out, id);
  append(out, R"(,"object":"model","created":)", created, R"(,"owned_by":"sluice","description":)");
  append_quoted(out, model.description);
  out += '}';
}

Result<Reply> answer_models(std::string_view path, std::int64_t created) {
  std::string body;
  if (path.size() > kModelsPath.size()) {
    const auto id = path.substr(kModelsPath.size() + 1);
    const auto found = find_model(id.substr(0, id.find('+')));
    if (!found) return no_such_model(id);
    append_model(body, *found->model, id, created);
  } else {
    body = R"({"object":"list","data":[)";
    for (const auto& model : known_models()) {
      if (body.back() == '}') body += ',';
      append_model(body, model, model.name, created);
    }
    body += "]}";
  }
  return reply_of({}, Script(std::move(body), 0, {}));
}

// The value of a multipart form's field; empty when there is none.
std::string_view form_field(std::string_view form, std::string_view name) {
  const auto label = "name=\"" + std::string(name) + "\"";
  const auto found = form.find(label);
  if (found == std::string_view::npos) return {};
  const auto begin = form.find("\r\n\r\n", found);
  if (begin == std::string_view::npos) return {};
  const auto value = form.substr(begin + 4);
  return value.substr(0, value.find("\r\n"));
}

struct Named {
  std::string_view model;
  std::string_view simulate;
};

Result<Named> read_names(const Endpoint& endpoint, const json::Value& root, Arena& arena) {
  TRY(const auto fields, json::pick(root, {"model", "metadata"}));
  const auto& [model, metadata] = fields;
  Named named{endpoint.default_model, {}};
  if (is_set(model)) named.model = string_of(model, arena);
  if (named.model.empty()) return missing("model");
  if (is_set(metadata)) named.simulate = string_of(metadata->find("simulate"), arena);
  return named;
}

Result<Order> read_order(const Named& named, Capability capability) {
  const auto plus = named.model.find('+');
  const auto name = named.model.substr(0, plus);
  const auto choice = find_model(name);
  if (!choice) return no_such_model(name);
  if (choice->model->capability != capability) {
    return fail(ErrorKind::NotFound, "model_not_found",
                "The model `" + std::string(name) + "` does not serve this endpoint.");
  }
  Order order{*choice, {}};
  if (plus != std::string_view::npos)
    TRY_VOID(read_knobs(named.model.substr(plus + 1), '+', "model", order.knobs));
  TRY_VOID(read_knobs(named.simulate, ',', "metadata.simulate", order.knobs));
  return order;
}

// Which requests fail is chance, but always the same chance.
bool strikes(const Knobs& knobs, std::uint64_t hash) {
  return static_cast<double>(mixed(hash) >> 11) < knobs.fail * 0x1p53;
}

Head head_of(const Knobs& knobs, const Identity& identity) {
  Head head;
  head.wait = knobs.delay;
  head.drip = knobs.slow_headers;
  head.headers.push_back({"x-request-id", identity.id("req_")});
  if (knobs.fault != Fault::Error) return head;
  if (knobs.retry_after) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*knobs.retry_after);
    head.headers.push_back({"retry-after", std::to_string(seconds.count())});
  }
  if (knobs.retry_after_ms)
    head.headers.push_back({"retry-after-ms", std::to_string(knobs.retry_after_ms->count())});
  return head;
}

}  // namespace

Reply Simulator::respond(const Request& request, std::uint64_t seed) {
  arena_.reset();
  const auto path = plain_path(request.path);
  auto reply = answer(request, path, seed);
  if (reply) return *std::move(reply);
  return problem_reply(problem_of(*reply.error()), {}, {});
}

Result<Reply> Simulator::answer(const Request& request, std::string_view path, std::uint64_t seed) {
  const bool models = path == kModelsPath || path.starts_with("/models/");
  const auto* endpoint = std::ranges::find(kEndpoints, path, &Endpoint::path);
  if (!models && endpoint == std::end(kEndpoints)) {
    return fail(
        ErrorKind::NotFound, "",
        "Invalid URL (" + std::string(request.method) + " " + std::string(request.path) + ")");
  }
  const std::string_view method = models ? "GET" : "POST";
  if (request.method != method) {
    return fail(
        ErrorKind::InvalidRequest, "method_not_allowed",
        "Not allowed to " + std::string(request.method) + " on " + std::string(request.path) + ".");
  }
  if (models) return answer_models(path, request.created);

  std::optional<json::Value> root;
  Named named{endpoint->default_model, {}};
  if (endpoint->form && !text::trim(request.body).starts_with('{')) {
    if (const auto model = form_field(request.body, "model"); !model.empty()) named.model = model;
  } else {
    TRY(root, reader_.parse(request.body));
    if (root->kind() != json::Kind::Object)
      return fail(ErrorKind::InvalidRequest, "invalid_json", "The body must be a JSON object.");
    TRY(named, read_names(*endpoint, *root, arena_));
  }
  TRY(auto order, read_order(named, endpoint->capability));

  Identity identity{hash_of(request.body, hash_of(path, seed)), request.created,
                    std::string(named.model)};
  auto& knobs = order.knobs;
  if (!strikes(knobs, identity.hash)) knobs.fault = Fault::None;
  auto head = head_of(knobs, identity);
  switch (knobs.fault) {
    case Fault::Error:
      return problem_reply(ordered_problem(knobs), std::move(head), knobs);
    case Fault::Html:
      head.status = 502;
      head.content_type = "text/html";
      return reply_of(std::move(head), Script(std::string(kHtmlPage), 0, knobs));
    case Fault::Blank:
      return reply_of(std::move(head), Script(std::string(), 0, knobs));
    default:
      break;
  }

  Call call{root ? &*root : nullptr, request.body.size(), order, identity, arena_};
  TRY(auto made, endpoint->make(call));
  if (!made.events) {
    head.content_type = made.content_type;
    return reply_of(std::move(head), Script(std::move(made.body), made.pieces, knobs));
  }
  head.content_type = "text/event-stream; charset=utf-8";
  return Reply{std::move(head), Script(std::move(made.events), knobs)};
}

}  // namespace sluice::providers::simulator
