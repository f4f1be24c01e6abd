// Errors are values that say whose fault it was and what to do next.
#pragma once

#include "sluice/dialect.h"

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sluice {

// A kind exists only if someone acts on it.
enum class ErrorKind {
  InvalidRequest,
  Unauthenticated,
  Forbidden,
  NotFound,
  TooLarge,
  RateLimited,
  Unsupported,
  DeadlineExceeded,
  ClientGone,
  UpstreamRejected,
  UpstreamUnavailable,
  Internal,
};

// What routing may do about it.
enum class Retry { Never, SameTarget, OtherTarget };

// What the provider answered.
struct UpstreamError {
  int status = 0;
  std::string message = {};        // Its own words, when they could be read.
  std::string body = {};           // Kept verbatim for callers of the same family, when it is JSON.
  Family family = Family::OpenAi;  // Of that body.
};

struct ApiError {
  ErrorKind kind = ErrorKind::Internal;
  std::string_view code = {};  // Stable, static: a row of dialect/errors.cpp.
  std::string message = {};    // The client may read it.
  std::string detail = {};     // Only the log may read it: upstream text, errno, offset.
  std::string param = {};      // The request field at fault, if any.
  Retry retry = Retry::Never;
  std::optional<std::chrono::milliseconds> retry_after = {};
  std::optional<UpstreamError> upstream = {};
};

// Errors are rare and large, results are many and small: so the error lives on the heap.
using Failure = std::unique_ptr<ApiError>;

template <class T = void>
using Result = std::expected<T, Failure>;

// Cold: whatever leads here is laid out of the way of what succeeds.
[[gnu::cold]] inline std::unexpected<Failure> fail(ApiError error) {
  return std::unexpected(std::make_unique<ApiError>(std::move(error)));
}

[[gnu::cold]] inline std::unexpected<Failure> fail(ErrorKind kind, std::string_view code,
                                                   std::string message) {
  return fail(ApiError{.kind = kind, .code = code, .message = std::move(message)});
}

inline std::unexpected<Failure> pass_on(Failure& failure) {
  return std::unexpected(std::move(failure));
}

}  // namespace sluice

#define SLUICE_JOIN2(a, b) a##b
#define SLUICE_JOIN(a, b) SLUICE_JOIN2(a, b)

// TRY(auto value, expression): the value, or return its failure from here.
// The three-step form names the temporary once, so that nothing is evaluated twice.
#define SLUICE_TRY(ret, holder, declaration, ...) \
  auto holder = (__VA_ARGS__);                    \
  if (!holder) [[unlikely]]                       \
    ret ::sluice::pass_on(holder.error());        \
  declaration = *std::move(holder)
#define TRY(declaration, ...) \
  SLUICE_TRY(return, SLUICE_JOIN(try_result_, __LINE__), declaration, __VA_ARGS__)
#define CO_TRY(declaration, ...) \
  SLUICE_TRY(co_return, SLUICE_JOIN(try_result_, __LINE__), declaration, __VA_ARGS__)

// The same for Result<void>.
#define SLUICE_TRY_VOID(ret, ...)                \
  do {                                           \
    auto try_result = (__VA_ARGS__);             \
    if (!try_result) [[unlikely]]                \
      ret ::sluice::pass_on(try_result.error()); \
  } while (false)
#define TRY_VOID(...) SLUICE_TRY_VOID(return, __VA_ARGS__)
#define CO_TRY_VOID(...) SLUICE_TRY_VOID(co_return, __VA_ARGS__)
