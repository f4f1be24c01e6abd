#include "admin/calls.h"

#include "admin/openapi.h"
#include "base/json_writer.h"
#include "config/describe.h"
#include "config/load.h"
#include "config/no_environment.h"
#include "config/tables.h"
#include "telemetry/exposition.h"

namespace sluice::admin {
namespace {

constexpr std::uint64_t kLargestConfig = config::kMaxFileBytes;

Answer status(int code, std::string_view word) {
  Answer answer{.status = code};
  json::Writer(answer.body).begin_object().member("status", word).end_object();
  return answer;
}

void write_diagnostics(json::Writer& writer, std::span<const config::Diagnostic> diagnostics) {
  writer.key("diagnostics").begin_array();
  for (const config::Diagnostic& each : diagnostics) {
    const bool error = each.severity == config::Diagnostic::Severity::Error;
    writer.begin_object();
    writer.member("file", each.file).member("line", each.line).member("column", each.column);
    writer.member("severity", error ? "error" : "warning").member("message", each.message);
    writer.end_object();
  }
  writer.end_array();
}

// A number or a boolean where the file has one; durations and sizes are words in JSON.
bool is_json(std::string_view plain) {
  return plain == "true" || plain == "false" ||
         (!plain.empty() && plain.find_first_not_of("0123456789") == std::string_view::npos);
}

void write_shown(json::Writer& writer, const config::Shown& shown) {
  using Kind = config::Shown::Kind;
  switch (shown.kind) {
    case Kind::Absent:
      writer.null();
      break;
    case Kind::Plain:
      is_json(shown.text) ? writer.raw(shown.text) : writer.value(shown.text);
      break;
    case Kind::Text:
      writer.value(shown.text);
      break;
    case Kind::List:
      writer.begin_array();
      for (const config::Shown& item : shown.items) write_shown(writer, item);
      writer.end_array();
      break;
    case Kind::Map:
      writer.begin_object();
      for (const config::Shown& item : shown.items) {
        writer.key(item.key);
        write_shown(writer, item);
      }
      writer.end_object();
      break;
  }
}

}  // namespace

Task<Result<Answer>> live(Operator&, net::HttpExchange&) {
  co_return status(200, "ok");
}

Task<Result<Answer>> ready(Operator& gateway, net::HttpExchange&) {
  co_return gateway.ready() ? status(200, "ok") : status(503, "not ready");
}

Task<Result<Answer>> metrics(Operator& gateway, net::HttpExchange&) {
  co_return Answer{.body = gateway.metrics(), .content_type = telemetry::kMetricsContentType};
}

Task<Result<Answer>> openapi(Operator&, net::HttpExchange&) {
  co_return Answer{.body = std::string(kOpenApi)};
}

Task<Result<Answer>> show_config(Operator& gateway, net::HttpExchange& exchange) {
  const auto snapshot = gateway.config();
  const auto accepted = exchange.head().fields.value(net::http1::HeaderId::Accept);
  if (accepted.contains("yaml")) {
    co_return Answer{.body = config::to_yaml_masked(snapshot->config()),
                     .content_type = "application/yaml"};
  }
  Answer answer;
  json::Writer writer(answer.body);
  write_shown(writer,
              config::kConfigSection.show_value(snapshot->config(), config::Secrets::Masked));
  co_return answer;
}

Task<Result<Answer>> check_config(Operator&, net::HttpExchange& exchange) {
  CO_TRY(const std::string_view text, co_await exchange.read_body(kLargestConfig));
  const auto loaded =
      config::load_text(text, "sluice.yaml", config::NoEnvironment(), {.no_secrets = true});
  Answer answer{.status = loaded ? 200 : 400};
  json::Writer writer(answer.body);
  writer.begin_object().member("ok", loaded.has_value());
  write_diagnostics(writer, loaded ? (*loaded)->warnings() : loaded.error());
  writer.end_object();
  co_return answer;
}

Task<Result<Answer>> reload(Operator& gateway, net::HttpExchange&) {
  const ReloadResult result = gateway.reload();
  Answer answer{.status = result.failed() ? 400 : 200};
  json::Writer writer(answer.body);
  writer.begin_object().member("ok", !result.failed()).member("changed", result.changed);
  write_diagnostics(writer, result.diagnostics);
  writer.end_object();
  co_return answer;
}

}  // namespace sluice::admin
