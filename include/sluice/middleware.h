// A middleware sees a request once, however many providers are asked behind it. It may answer
// itself, change the request, or wrap the reply's items.
#pragma once

#include "sluice/context.h"
#include "sluice/reply.h"
#include "sluice/request.h"

#include <array>
#include <optional>

namespace sluice {

class Middleware;

// Whoever answers in the end: routing.
class ModelCaller {
 public:
  virtual ~ModelCaller() = default;
  virtual Task<Result<Reply>> call(Context& context, Request& request) = 0;
};

// The rest of the chain: reply = co_await next(context, request).
class Next {
 public:
  Next(std::span<const Middleware* const> rest, ModelCaller& caller)
      : rest_(rest), caller_(caller) {}
  Task<Result<Reply>> operator()(Context& context, Request& request) const;

 private:
  std::span<const Middleware* const> rest_;
  ModelCaller& caller_;
};

class Middleware {
 public:
  virtual ~Middleware() = default;
  // const: one instance serves every thread.
  virtual Task<Result<Reply>> handle(Context& context, Request& request, Next next) const = 0;
};

inline Task<Result<Reply>> Next::operator()(Context& context, Request& request) const {
  if (rest_.empty()) return caller_.call(context, request);
  return rest_.front()->handle(context, request, Next(rest_.subspan(1), caller_));
}

// What can be decided from the head alone, before a byte of the body is read.
struct Knock {
  Operation operation;
  std::string_view credential;  // As presented; empty when there is none.
  std::optional<std::array<unsigned char, 16>>
      peer;  // The caller's address; none over a unix socket.
};

class Gate {
 public:
  virtual ~Gate() = default;
  virtual Result<void> admit(Context& context, const Knock& knock) const = 0;
};

}  // namespace sluice
