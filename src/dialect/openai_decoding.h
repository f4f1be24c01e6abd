// What the decoders of OpenAI's dialects have in common.
#pragma once

#include "sluice/provider.h"

#include "base/json.h"
#include "dialect/malformed_answer.h"

#include <optional>
#include <string>
#include <string_view>

namespace sluice::dialect {

inline constexpr std::string_view kStreamDone = "[DONE]";

// An error inside of an answer that began with 200: an object, or a text.
std::unexpected<Failure> error_in_answer(const json::Value& error);

// One parse a frame, and the last usage.
class OpenAiDecoder : public Decoder {
 public:
  explicit OpenAiDecoder(json::Reader& reader) : reader_(reader) {}

  bool ended() const override { return ended_; }
  bool finished() const override { return ended_ || finished_; }
  const std::optional<Usage>& usage() const override { return usage_; }

 protected:
  Result<json::Value> parse_frame(std::string_view data);
  // Structure is always checked; every last scalar of a provider's answer is not ours to judge.
  Result<json::Value> parse_body(std::string_view text);

  json::Reader& reader_;
  bool ended_ = false;
  bool finished_ = false;
  std::optional<Usage> usage_;
};

}  // namespace sluice::dialect
