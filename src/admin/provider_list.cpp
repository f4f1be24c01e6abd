#include "admin/calls.h"
#include "base/json_writer.h"

#include <fmt/format.h>

namespace sluice::admin {
namespace {

// As many digits as anyone reads; what is not known is left out.
void write_figure(json::Writer& writer, std::string_view name, std::optional<double> figure) {
  if (figure) writer.key(name).raw(fmt::format("{:.4g}", *figure));
}

void write_key(json::Writer& writer, const KeyStatus& key) {
  writer.begin_object().member("number", key.number).member("state", key.condition);
  if (key.usable_in) writer.member("usable_in_s", key.usable_in->count());
  writer.end_object();
}

void write_target(json::Writer& writer, const TargetStatus& target) {
  writer.begin_object().member("target", target.name).member("breaker", target.breaker);
  write_figure(writer, "share", target.share);
  if (target.asked_again_in) writer.member("asked_again_in_ms", target.asked_again_in->count());
  writer.member("busy", target.busy).member("waiting", target.waiting);
  writer.member("requests", target.requests).member("successes", target.successes);
  writer.member("failures", target.failures).member("output_tokens", target.tokens);
  writer.key("first_token_ms").begin_object();
  write_figure(writer, "average", target.first_token);
  write_figure(writer, "p50", target.first_token_p50);
  write_figure(writer, "p95", target.first_token_p95);
  writer.end_object();
  write_figure(writer, "per_token_ms", target.per_token);
  writer.end_object();
}

void write_provider(json::Writer& writer, const ProviderStatus& provider) {
  writer.begin_object();
  writer.member("name", provider.name).member("type", provider.type);
  writer.member("base_url", provider.base_url).member("keys", provider.keys);
  writer.key("key_states").begin_array();
  for (const KeyStatus& key : provider.key_states) write_key(writer, key);
  writer.end_array();
  writer.key("connections").begin_object();
  writer.member("idle", provider.connections_idle).member("busy", provider.connections_busy);
  writer.end_object();
  writer.key("targets").begin_array();
  for (const TargetStatus& target : provider.targets) write_target(writer, target);
  writer.end_array().end_object();
}

}  // namespace

Task<Result<Answer>> providers(Operator& gateway, net::HttpExchange&) {
  Answer answer;
  json::Writer writer(answer.body);
  writer.begin_object().key("providers").begin_array();
  for (const ProviderStatus& provider : gateway.providers()) write_provider(writer, provider);
  writer.end_array().end_object();
  co_return answer;
}

}  // namespace sluice::admin
