#include "providers/anthropic/provider.h"

#include "base/json.h"
#include "base/text.h"
#include "dialect/anthropic_messages.h"
#include "dialect/anthropic_request.h"
#include "dialect/openai_request.h"
#include "dialect/refused_fields.h"
#include "dialect/translate.h"
#include "providers/common/call.h"

#include <algorithm>

namespace sluice::providers {
namespace {

constexpr std::string_view kVersion = "2023-06-01";

json::Reader& reader() {
  thread_local json::Reader one;
  return one;
}

bool counts_tokens(const Request& request) {
  return request.operation == Operation::CountTokens ||
         request.operation == Operation::CountContent;
}

// Below the provider's base, which may be told with or without its "/v1".
std::string_view path_of(const Request& request, const Target& target, Arena& arena) {
  constexpr std::string_view kPrefix = "/v1";
  const bool has_prefix = target.base_path.ends_with(kPrefix);
  if (request.operation == Operation::Raw) {
    const bool twice = has_prefix && request.path.starts_with("/v1/");
    return request.path.substr(twice ? kPrefix.size() : 0);
  }
  const std::string_view path = counts_tokens(request) ? "/messages/count_tokens" : "/messages";
  // "?beta=true": what other callers write there is not for this provider.
  const bool own = request.traits().dialect == Dialect::Messages;
  return arena.join(has_prefix ? "" : kPrefix, path, own ? request.query : std::string_view());
}

bool has_field(const UpstreamRequest& call, std::string_view name) {
  return std::ranges::any_of(call.fields.all(),
                             [&](const Field& field) { return text::iequals(field.name, name); });
}

// Asks in this dialect, whatever the caller's is.
Result<std::string_view> translated(Context& context, const Request& request,
                                    const Target& target) {
  TRY(std::string_view body,
      dialect::write_conversation(context, request, target, Dialect::Messages));
  if (!counts_tokens(request)) return body;
  return dialect::count_tokens_body(body, reader(), context.draft);
}

// The caller's own body, but for what must change.
Result<void> set_own_body(Context& context, const Request& request, const Target& target,
                          UpstreamRequest& call) {
  if (dialect::holds_foreign_seals(request.json.text)) {
    // Of a conversation that other providers took part in.
    Request read = request;
    TRY_VOID(dialect::read_conversation(context, read));
    TRY(const std::string_view body, translated(context, read, target));
    set_body(call, body, context.draft);
    return {};
  }
  dialect::Edits edits{.model = target.model};
  if (target.kind && !target.kind->quirks.refuses.empty()) {
    TRY(edits.without,
        dialect::drop_refused_fields(context, request, target.kind->quirks, reader()));
  }
  const dialect::EditedBody body =
      dialect::edit_openai_request(request, edits, reader(), context.draft);
  call.pieces = body.pieces;
  call.size = body.size;
  return {};
}

// What of the provider's own words tells more than its status.
std::string_view code_of(const dialect::AnthropicError& error) {
  const auto says = [&](std::string_view words) {
    return error.message.find(words) != std::string::npos;
  };
  if (says("prompt is too long") || says("exceed context limit") ||
      says("exceeds the context window")) {
    return "context_length_exceeded";
  }
  if (error.type == "billing_error" || says("credit balance is too low")) return "upstream_auth";
  return {};
}

}  // namespace

Dialect AnthropicProvider::dialect(const Request& request, const Target&) const {
  const bool readable = request.traits().is_conversation() || counts_tokens(request);
  return readable ? Dialect::Messages : request.traits().dialect;
}

Result<UpstreamRequest> AnthropicProvider::encode(Context& context, const Request& request,
                                                  const Target& target) const {
  UpstreamRequest call =
      begin_call(context, request, target, path_of(request, target, context.draft));
  if (!has_field(call, "anthropic-version")) call.fields.add("anthropic-version", kVersion);
  if (request.body) {
    pass_body(call, request, target);
  } else if (request.json.text.empty()) {
    return call;
  } else if (dialect::differs(request, dialect(request, target))) {
    TRY(const std::string_view body, translated(context, request, target));
    set_body(call, body, context.draft);
  } else {
    TRY_VOID(set_own_body(context, request, target, call));
  }
  return call;
}

ArenaPtr<Decoder> AnthropicProvider::decoder(Context& context, const Request&,
                                             const Target&) const {
  return dialect::messages_decoder(context.arena, reader());
}

ApiError AnthropicProvider::explain(int status, std::string_view content_type,
                                    std::string_view body) const {
  const bool is_json = text::iequals(content_type.substr(0, 16), "application/json");
  dialect::AnthropicError told;
  if (is_json) told = dialect::read_anthropic_error(body, reader());
  const std::string_view code = code_of(told);
  // A key that has no money left is ours to mend, whatever status says so.
  ApiError error = refusal(code == "upstream_auth" ? 402 : status, told.message);
  error.upstream->status = status;
  error.upstream->family = Family::Anthropic;
  error.detail = "status " + std::to_string(status) + " " + told.type;
  if (code == "context_length_exceeded") error.code = code;
  const bool whole = is_json && (!told.message.empty() || reader().parse(body));
  if (whole && code != "upstream_auth") error.upstream->body = std::string(body);
  return error;
}

}  // namespace sluice::providers
