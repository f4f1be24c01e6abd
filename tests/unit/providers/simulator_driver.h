// Runs a script without waiting and takes its stream apart.
#pragma once

#include "providers/simulator/simulator.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::providers::simulator {

using Json = nlohmann::json;

struct Played {
  Head head;
  std::string body{};
  std::chrono::milliseconds waited{0};
  std::vector<std::chrono::milliseconds> waits{};  // Of each step.
  Then end = Then::Continue;

  Json json() const { return Json::parse(body); }
};

inline Played play(const Request& request, std::uint64_t seed = 0) {
  Simulator simulator;
  auto [head, script] = simulator.respond(request, seed);
  Played played{.head = std::move(head)};
  while (played.end == Then::Continue) {
    const auto step = script.next();
    played.body += step.bytes;
    played.waited += step.wait;
    played.waits.push_back(step.wait);
    played.end = step.then;
  }
  return played;
}

inline Played post(std::string_view path, const Json& body, std::uint64_t seed = 0) {
  const auto text = body.dump();
  return play({.path = path, .body = text}, seed);
}

inline Json chat_request(std::string_view model, std::string_view text) {
  return {{"model", model}, {"messages", {{{"role", "user"}, {"content", text}}}}};
}

inline Json streamed(Json request) {
  request["stream"] = true;
  return request;
}

inline Json with_usage(Json request) {
  request["stream_options"] = {{"include_usage", true}};
  return streamed(std::move(request));
}

// The data of each frame. Throws when a frame is none.
inline std::vector<std::string> frames_of(std::string_view body) {
  std::vector<std::string> frames;
  while (!body.empty()) {
    const auto end = body.find("\n\n");
    if (end == std::string_view::npos) throw std::runtime_error("an unfinished frame");
    auto frame = body.substr(0, end);
    body.remove_prefix(end + 2);
    if (frame.starts_with("event: ")) frame.remove_prefix(frame.find('\n') + 1);
    if (!frame.starts_with("data: ") || frame.find('\n') != std::string_view::npos)
      throw std::runtime_error("no frame");
    frames.emplace_back(frame.substr(6));
  }
  return frames;
}

inline std::vector<Json> events_of(std::string_view body) {
  std::vector<Json> events;
  for (const auto& frame : frames_of(body)) {
    if (frame != "[DONE]") events.push_back(Json::parse(frame));
  }
  return events;
}

// What the deltas of one choice say in that field.
inline std::string streamed_text(const Played& played, std::string_view field = "content",
                                 int choice = 0) {
  std::string text;
  for (const auto& event : events_of(played.body)) {
    if (!event.contains("choices")) continue;
    for (const auto& one : event["choices"]) {
      if (one["index"] != choice || !one["delta"].contains(field)) continue;
      if (const auto& piece = one["delta"][std::string(field)]; piece.is_string())
        text += piece.get<std::string>();
    }
  }
  return text;
}

inline std::size_t content_events(const Played& played) {
  std::size_t count = 0;
  for (const auto& event : events_of(played.body)) {
    if (!event.contains("choices") || event["choices"].empty()) continue;
    const auto& delta = event["choices"][0]["delta"];
    count += delta.contains("content") && delta["content"].is_string() && delta["content"] != "";
  }
  return count;
}

inline std::string header(const Played& played, std::string_view name) {
  for (const auto& [own, value] : played.head.headers) {
    if (own == name) return value;
  }
  return {};
}

}  // namespace sluice::providers::simulator
