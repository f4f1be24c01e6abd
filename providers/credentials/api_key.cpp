#include "providers/credentials/api_key.h"

namespace sluice::providers {

KeyField key_field(KeyKind kind) {
  switch (kind) {
    case KeyKind::XApiKey:
      return {"x-api-key", ""};
    case KeyKind::ApiKey:
    case KeyKind::Entra:
      return {"api-key", ""};
    case KeyKind::XGoogApiKey:
    case KeyKind::Google:
      return {"x-goog-api-key", ""};
    case KeyKind::Token:
      return {"authorization", "Token "};
    default:
      return {};
  }
}

ApiKey::ApiKey(std::string_view secret, const KeyField& field)
    : name_(field.name), value_(std::string(field.prefix).append(secret)) {}

Task<Result<void>> ApiKey::sign(Context&, UpstreamRequest& request) const {
  request.fields.add(name_, value_);
  return Result<void>();
}

Task<Result<void>> CallersKey::sign(Context& context, UpstreamRequest& request) const {
  if (!context.credential.empty()) {
    request.fields.add(field_.name, context.draft.join(field_.prefix, context.credential));
  }
  for (const Field& field : context.account_fields) request.fields.add(field.name, field.value);
  return Result<void>();
}

}  // namespace sluice::providers
