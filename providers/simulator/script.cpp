#include "providers/simulator/script.h"

#include "providers/simulator/json_text.h"

#include <cmath>
#include <utility>

namespace sluice::providers::simulator {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kGarbageBody =
    "{\"id\":\"chatcmpl-\",\"choices\":[<!-- no JSON \x01\xff";
constexpr std::string_view kGarbageFrame =
    "data: {\"id\":\"chatcmpl-\",\"choices\":[<!-- no JSON \x01\xff\n\n";

// When the piece is due, counted from the first one.
milliseconds due(const Knobs& knobs, std::size_t piece) {
  const auto count = static_cast<double>(piece);
  const auto paced = knobs.rate > 0 ? count * 1000 / knobs.rate : 0;
  return milliseconds(
      static_cast<std::int64_t>(paced + count * static_cast<double>(knobs.gap.count())));
}

std::string_view error_type(const Problem& problem) {
  if (problem.code == "insufficient_quota") return "insufficient_quota";
  if (problem.status == 429) return "requests";
  return problem.status >= 500 ? "server_error" : "invalid_request_error";
}

std::string_view usual_code(int status) {
  switch (status) {
    case 401:
      return "invalid_api_key";
    case 404:
      return "model_not_found";
    case 429:
      return "rate_limit_exceeded";
    default:
      return status >= 500 ? "server_error" : "invalid_request";
  }
}

}  // namespace

std::string Problem::object() const {
  std::string out = R"({"message":)";
  append_quoted(out, message);
  append(out, R"(,"type":")", error_type(*this), R"(","param":)");
  param.empty() ? out += "null" : (append_quoted(out, param), out);
  out += R"(,"code":)";
  code.empty() ? out += "null" : (append_quoted(out, code), out);
  out += '}';
  return out;
}

std::string Problem::body() const {
  return R"({"error":)" + object() + "}";
}

Problem ordered_problem(const Knobs& knobs) {
  Problem problem;
  problem.status = knobs.status;
  problem.message =
      "The simulator was told to fail with status " + std::to_string(knobs.status) + ".";
  problem.code = knobs.code.empty() ? usual_code(knobs.status) : knobs.code;
  return problem;
}

Script::Script(std::string body, std::size_t pieces, Knobs knobs)
    : knobs_(std::move(knobs)), body_(std::move(body)), pieces_(pieces) {
  if (knobs_.fault == Fault::Garbage) body_ = kGarbageBody;
  if (knobs_.fault == Fault::ErrorInStream) body_ = ordered_problem(knobs_).body();
}

Script::Script(std::unique_ptr<Events> events, Knobs knobs)
    : knobs_(std::move(knobs)), events_(std::move(events)) {}

Step Script::next() {
  if (!events_) return whole_body();

  auto event = std::exchange(pending_, {});
  if (event.kind == EventKind::End) event = events_->next();
  if (event.kind == EventKind::End || (event.kind == EventKind::Done && !knobs_.done))
    return {.then = Then::Finish};

  const bool content = event.kind == EventKind::Content;
  if (!content && event.kind != EventKind::Finish) return {.bytes = event.bytes};

  // A stream with fewer events than the fault waits for has it before its end.
  const bool strikes = !content || seen_ >= knobs_.after;
  if (strikes && knobs_.fault != Fault::None) {
    pending_ = event;
    return fault();
  }

  auto wait = milliseconds(0);
  if (content || seen_ == 0) wait = pause_before_content();
  if (content) ++seen_;
  return {.wait = wait, .bytes = event.bytes};
}

// A body in one piece takes as long as its stream would have.
Step Script::whole_body() {
  const auto wait = knobs_.ttft + due(knobs_, pieces_ > 0 ? pieces_ - 1 : 0);
  const auto half = std::string_view(body_).substr(0, body_.size() / 2);
  switch (knobs_.fault) {
    case Fault::Cut:
      return {wait, half, Then::Cut};
    case Fault::Reset:
      return {wait, half, Then::Reset};
    case Fault::Stall:
      return {wait, half, Then::Stall};
    default:
      return {wait, body_, Then::Finish};
  }
}

Step Script::fault() {
  const auto fault = std::exchange(knobs_.fault, Fault::None);
  if (fault == Fault::Garbage) return {.bytes = kGarbageFrame};
  const auto wait = pause_before_content();
  switch (fault) {
    case Fault::Cut:
      return {wait, {}, Then::Cut};
    case Fault::Reset:
      return {wait, {}, Then::Reset};
    case Fault::Stall:
      return {wait, {}, Then::Stall};
    case Fault::ErrorInStream:
      return {wait, events_->error(ordered_problem(knobs_).object()), Then::Finish};
    default:
      return {};  // The others are not the stream's.
  }
}

milliseconds Script::pause_before_content() {
  return seen_ == 0 ? std::exchange(knobs_.ttft, milliseconds(0))
                    : due(knobs_, seen_) - due(knobs_, seen_ - 1);
}

}  // namespace sluice::providers::simulator
