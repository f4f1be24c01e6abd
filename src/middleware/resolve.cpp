#include "middleware/resolve.h"

#include "config/snapshot.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace sluice::middleware {
namespace {

std::unexpected<Failure> missing_model() {
  return fail(ApiError{.kind = ErrorKind::InvalidRequest,
                       .code = "invalid_request",
                       .message = "model is required: the name of the model to ask.",
                       .param = "model"});
}

std::unexpected<Failure> unknown_model(const config::ModelTable& models, std::string_view asked) {
  std::string message = "The model \"" + std::string(asked) + "\" does not exist here.";
  const std::vector<std::string> nearest = models.nearest(asked);
  for (std::size_t i = 0; i < nearest.size(); ++i) {
    message += (i == 0                    ? " Did you mean \""
                : i + 1 == nearest.size() ? " or \""
                                          : ", \"") +
               nearest[i] + "\"";
  }
  if (!nearest.empty()) message += "?";
  return fail(ApiError{.kind = ErrorKind::NotFound,
                       .code = "model_not_found",
                       .message = std::move(message),
                       .param = "model"});
}

std::unexpected<Failure> unknown_provider(std::string_view name) {
  return fail(ErrorKind::NotFound, "not_found",
              "There is no provider \"" + std::string(name) + "\" here.");
}

// The first provider of the configuration of a kind that has this operation; else the very first.
std::uint16_t first_that_can(const config::Snapshot& config, Operation operation) {
  const auto& providers = config.config().providers;
  // Whoever answers /responses is asked for what was answered.
  if (operation == Operation::StoredResponse) operation = Operation::Responses;
  for (std::size_t i = 0; i < providers.size(); ++i) {
    const ProviderKind* kind = providers[i].kind;
    if (kind && kind->operations[static_cast<std::size_t>(operation)]) {
      return static_cast<std::uint16_t>(i);
    }
  }
  return 0;
}

// When the day is over, as HTTP writes it.
std::string_view end_of_day(std::chrono::year_month_day day, Arena& arena) {
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                     "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto weekday = std::chrono::weekday(std::chrono::sys_days(day)).c_encoding();
  const auto month = static_cast<unsigned>(day.month()) - 1;
  // With their leading zeros.
  const auto number = arena.number(100 + static_cast<unsigned>(day.day())).substr(1);
  const auto year =
      arena.number(10'000 + static_cast<unsigned>(static_cast<int>(day.year()))).substr(1);
  return arena.join(kDays[weekday], ", ", number, " ", kMonths[month], " ", year, " 23:59:59 GMT");
}

// That the name will go away, for the caller to read.
std::span<const Field> notices_of(const config::Found& found, Arena& arena) {
  const auto fields = arena.array<Field>(3);
  std::size_t size = 0;
  fields[size++] = {"deprecation", "true"};
  if (const auto& sunset = found.old_entry->sunset)
    fields[size++] = {"sunset", end_of_day(*sunset, arena)};
  fields[size++] = {"x-sluice-replaced-by", found.replaced_by};
  return fields.first(size);
}

// Without a model the provider is named, or the first one of the configuration that can.
Result<config::Found> resolve(const config::Snapshot& config, const Request& request,
                              Arena& arena) {
  const config::ModelTable& models = config.models();
  const auto only = [&](Candidate candidate) {
    return config::Found{.index = {},
                         .replaced_by = {},
                         .route = &models.route(std::nullopt),
                         .candidates = arena.array_of(candidate)};
  };
  if (!request.provider.empty()) {
    const auto index = models.provider_index(request.provider);
    if (!index) return unknown_provider(request.provider);
    // Where only the configuration's names count, a path is no way around them.
    if (!request.model.empty() && !config.config().server.direct_models)
      return unknown_model(models, arena.join(request.provider, "/", request.model));
    return only({*index, 0, request.model});
  }
  if (!request.model.empty()) {
    const auto found = models.find(request.model, arena);
    if (!found) return unknown_model(models, request.model);
    return *found;
  }
  if (request.traits().needs_model || config.config().providers.empty()) return missing_model();
  return only({first_that_can(config, request.operation), 0, {}});
}

}  // namespace

Task<Result<Reply>> Resolve::handle(Context& context, Request& request, Next next) const {
  TRY(const config::Found found, resolve(*context.config, request, context.arena));
  request.candidates = found.candidates;
  request.entry = found.index;
  if (const auto limit = found.route->targets->settings->timeouts.request)
    context.deadline = std::min(context.deadline, context.arrival + *limit);
  if (found.old_entry) context.notices = notices_of(found, context.arena);
  return next(context, request);
}

}  // namespace sluice::middleware
