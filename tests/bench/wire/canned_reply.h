// What the canned upstream answers, chosen by the model's name in the request:
//   model = "canned" [ "-" body_bytes ] | "canned-sse" [ "-" chunks [ "-" interval "ms" ] ]
// and in whose words, by the path that is asked.
#pragma once

#include "mark.h"

#include <charconv>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

namespace sluice::bench {

enum class Speech : std::uint8_t { OpenAi, Anthropic };

inline Speech speech_of(std::string_view head) {
  return head.starts_with("POST /v1/messages ") ? Speech::Anthropic : Speech::OpenAi;
}

struct Plan {
  Speech speech = Speech::OpenAi;
  std::string_view model = "canned";
  bool streams = false;
  std::size_t body_bytes = 1270;
  std::uint32_t chunks = 200;
  std::int64_t interval_ns = 0;
  std::uint32_t stream = 0;  // The caller's number for this stream, repeated in every mark.
};

inline std::uint64_t leading_number(std::string_view text, std::uint64_t otherwise) {
  std::uint64_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Reads only what it needs: gateways may write the body anew, so blanks and order are free.
inline Plan plan_of(std::string_view body) {
  Plan plan;
  if (auto at = body.find("\"canned"); at != std::string_view::npos) {
    plan.model = body.substr(at + 1, body.find('"', at + 1) - at - 1);
  }
  if (auto at = body.find("\"stream\""); at != std::string_view::npos) {
    at = body.find_first_not_of(": ", at + 8);
    plan.streams = at != std::string_view::npos && body.substr(at, 4) == "true";
  }
  if (auto at = body.find("stream="); at != std::string_view::npos) {
    plan.stream = static_cast<std::uint32_t>(leading_number(body.substr(at + 7), 0));
  }
  if (plan.model.starts_with("canned-sse")) {
    auto numbers = plan.model.substr(std::min<std::size_t>(11, plan.model.size()));
    plan.chunks = static_cast<std::uint32_t>(leading_number(numbers, plan.chunks));
    if (auto dash = numbers.find('-'); dash != std::string_view::npos) {
      plan.interval_ns = static_cast<std::int64_t>(leading_number(numbers.substr(dash + 1), 0));
      plan.interval_ns *= 1'000'000;
    }
  } else if (plan.model.starts_with("canned-")) {
    plan.body_bytes = leading_number(plan.model.substr(7), plan.body_bytes);
  }
  return plan;
}

class CannedReplies {
 public:
  std::string_view whole(const Plan& plan) {
    auto& known = plan.speech == Speech::Anthropic ? messages_ : completions_;
    auto found = known.find(plan.model);
    if (found == known.end()) found = known.emplace(plan.model, make_whole(plan)).first;
    return found->second;
  }

 private:
  struct Frame {
    std::string before;
    std::string after;
  };

  static Frame completion(std::string_view model) {
    return {R"({"id":"chatcmpl-canned","object":"chat.completion","created":1700000000,)"
            R"("model":")" +
                std::string(model) +
                R"(","choices":[{"index":0,"message":{"role":"assistant","content":")",
            R"( the-end"},"logprobs":null,"finish_reason":"stop"}],"usage":)"
            R"({"prompt_tokens":150,"completion_tokens":240,"total_tokens":390}})"};
  }

  static Frame message(std::string_view model) {
    return {R"({"id":"msg_canned","type":"message","role":"assistant","model":")" +
                std::string(model) + R"(","content":[{"type":"text","text":")",
            R"( the-end"}],"stop_reason":"end_turn","stop_sequence":null,"usage":)"
            R"({"input_tokens":150,"output_tokens":240}})"};
  }

  static std::string make_whole(const Plan& plan) {
    auto [before, after] =
        plan.speech == Speech::Anthropic ? message(plan.model) : completion(plan.model);
    std::string body = before;
    for (unsigned word = 0; body.size() + after.size() < plan.body_bytes; ++word) {
      body += "word" + std::to_string(word % 1000) + ' ';
    }
    if (body.size() + after.size() > plan.body_bytes &&
        plan.body_bytes > before.size() + after.size()) {
      body.resize(plan.body_bytes - after.size());
    }
    body += after;
    return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  std::map<std::string, std::string, std::less<>> completions_;
  std::map<std::string, std::string, std::less<>> messages_;
};

// The pieces of a stream, each already a chunk of HTTP.
class StreamPieces {
 public:
  static constexpr std::string_view head =
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
      "transfer-encoding: chunked\r\n\r\n";

  explicit StreamPieces(Speech speech) {
    if (speech == Speech::Anthropic) {
      make_messages();
    } else {
      make_completions();
    }
    mark_at_ = event_.find(blank());
  }

  std::string_view begin() const { return begin_; }
  std::string_view event(const Mark& mark) {
    put_mark(event_.data() + mark_at_, mark);
    return event_;
  }
  std::string_view end() const { return end_; }

 private:
  static std::string blank() { return std::string(mark_size, ' '); }

  void make_completions() {
    event_ = chunk(completion(R"({"content":")" + blank() + R"("})", "null", ""));
    end_ = chunk(completion("{}", R"("stop")", "")) +
           chunk(completion(
               "", "",
               R"(,"usage":{"prompt_tokens":150,"completion_tokens":200,"total_tokens":350})")) +
           chunk("data: [DONE]\n\n") + "0\r\n\r\n";
  }

  static std::string completion(const std::string& delta, const std::string& reason,
                                const std::string& usage) {
    std::string choice =
        delta.empty() ? ""
                      : R"({"index":0,"delta":)" + delta + R"(,"finish_reason":)" + reason + "}";
    return R"(data: {"id":"chatcmpl-canned","object":"chat.completion.chunk","created":1700000000,)"
           R"("model":"canned-sse","choices":[)" +
           choice + "]" + usage + "}\n\n";
  }

  void make_messages() {
    begin_ =
        message("message_start",
                R"("message":{"model":"canned-sse","id":"msg_canned","type":"message",)"
                R"("role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,)"
                R"("usage":{"input_tokens":150,"output_tokens":1}})") +
        message("content_block_start", R"("index":0,"content_block":{"type":"text","text":""})");
    event_ = message("content_block_delta",
                     R"("index":0,"delta":{"type":"text_delta","text":")" + blank() + R"("})");
    end_ = message("content_block_stop", R"("index":0)") +
           message("message_delta", R"("delta":{"stop_reason":"end_turn","stop_sequence":null},)"
                                    R"("usage":{"output_tokens":200})") +
           chunk("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n") + "0\r\n\r\n";
  }

  static std::string message(const std::string& type, const std::string& rest) {
    return chunk("event: " + type + "\ndata: {\"type\":\"" + type + "\"," + rest + "}\n\n");
  }

  static std::string chunk(const std::string& text) {
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", text.size());
    return size + text + "\r\n";
  }

  std::string begin_;
  std::string event_;
  std::size_t mark_at_;
  std::string end_;
};

}  // namespace sluice::bench
