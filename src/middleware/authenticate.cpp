#include "middleware/authenticate.h"

#include "config/auth_settings.h"
#include "config/digest.h"
#include "config/key_table.h"

namespace sluice::middleware {
namespace {

// The same words for none, malformed and unknown: a guess learns nothing.
std::unexpected<Failure> not_known() {
  return fail(ErrorKind::Unauthenticated, "invalid_api_key",
              "The API key is missing or not valid.");
}

}  // namespace

Result<void> Authenticate::admit(Context& context, const Knock& knock) const {
  if (knock.peer && !settings_.ip.admits(*knock.peer)) {
    return fail(ErrorKind::Forbidden, "ip_not_allowed",
                "Requests from this address are not allowed.");
  }
  const Principal* known = keys_.find(config::sha256(knock.credential));
  if (known && !knock.credential.empty()) {
    context.principal = *known;
    // Of ten thousand keys few are in the cache; the log asks for the name.
    __builtin_prefetch(known->id.data());
  } else if (!settings_.required) {
    context.principal =
        Principal{.id = {}, .user = {}, .models = config::kAnyModel, .may = PermissionSet::all()};
  } else {
    return not_known();
  }
  if (!context.principal->may.has(traits(knock.operation).permission)) {
    return fail(ErrorKind::Forbidden, "operation_not_allowed",
                "This key may not use " + std::string(traits(knock.operation).name) + ".");
  }
  return {};
}

}  // namespace sluice::middleware
