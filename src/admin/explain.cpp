#include "admin/calls.h"
#include "base/json_writer.h"
#include "config/snapshot.h"

#include <algorithm>
#include <charconv>

namespace sluice::admin {
namespace {

// Percent signs and plus signs of a query's value; what is no escape stays as it is.
std::string_view decoded(std::string_view raw, Arena& arena) {
  const std::span<char> text = arena.array<char>(raw.size());
  std::size_t size = 0;
  while (!raw.empty()) {
    char letter = raw.front() == '+' ? ' ' : raw.front();
    unsigned value = 0;
    const std::string_view digits = raw.substr(1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    const bool escape = raw.front() == '%' && error == std::errc() && digits.size() == 2 &&
                        end == digits.data() + 2;
    if (escape) letter = static_cast<char>(value);
    text[size++] = letter;
    raw.remove_prefix(escape ? 3 : 1);
  }
  return {text.data(), size};
}

std::string_view query_value(std::string_view target, std::string_view name, Arena& arena) {
  const std::size_t mark = target.find('?');
  std::string_view rest = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) != name || equals == pair.size()) continue;
    return decoded(pair.substr(equals + 1), arena);
  }
  return {};
}

// In the order in which ModelTable::find() looks.
std::string_view why(const config::Snapshot& snapshot, std::string_view asked) {
  const config::ModelTable& models = snapshot.models();
  if (std::ranges::find(models.names(), asked) != models.names().end()) {
    return "models has an entry of this name";
  }
  const std::size_t slash = asked.find('/');
  if (snapshot.config().server.direct_models && slash != std::string_view::npos &&
      slash + 1 < asked.size() && models.provider_index(asked.substr(0, slash))) {
    return "the name begins with a provider's";
  }
  return "models has a wildcard for it";
}

std::unexpected<Failure> refuse(ErrorKind kind, std::string_view code, std::string message) {
  return fail(
      ApiError{.kind = kind, .code = code, .message = std::move(message), .param = "model"});
}

std::unexpected<Failure> no_such_model(const config::ModelTable& models, std::string_view asked) {
  std::string message = "The model \"" + std::string(asked) + "\" does not exist here.";
  for (const std::string& name : models.nearest(asked)) message += " There is \"" + name + "\".";
  return refuse(ErrorKind::NotFound, "model_not_found", std::move(message));
}

}  // namespace

Task<Result<Answer>> explain(Operator& gateway, net::HttpExchange& exchange) {
  Arena& arena = exchange.arena();
  const std::string_view asked = query_value(exchange.head().target, "model", arena);
  if (asked.empty()) {
    co_return refuse(ErrorKind::InvalidRequest, "invalid_request",
                     "Which one? /admin/v1/explain?model=NAME");
  }
  const auto snapshot = gateway.config();
  const auto found = snapshot->models().find(asked, arena);
  if (!found) co_return no_such_model(snapshot->models(), asked);
  Answer answer;
  json::Writer writer(answer.body);
  writer.begin_object().member("asked", asked).key("target").begin_object();
  const Candidate& target = found->candidates.front();
  writer.member("provider", snapshot->config().providers[target.provider].name);
  writer.member("model", target.model);
  writer.end_object().member("why", why(*snapshot, asked)).end_object();
  co_return answer;
}

}  // namespace sluice::admin
