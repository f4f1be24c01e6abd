// A list of inputs that is too long for one request of embeddings: cut into several, their answers
// joined to one.
#pragma once

#include "sluice/arena.h"
#include "sluice/error.h"

#include "base/json.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sluice::dialect {

class EmbeddingBatches {
 public:
  // How many inputs the body of an embeddings request has; 1 when it is one text or one list of
  // tokens.
  static std::size_t inputs_of(std::string_view body, json::Reader& reader);

  // `body` lives as long as the batches.
  EmbeddingBatches(std::string_view body, std::size_t most, json::Reader& reader, Arena& arena);

  bool done() const { return next_ >= inputs_.size(); }
  // The next request's body.
  std::string_view next(Arena& arena);
  Result<void> take(std::string_view answer, json::Reader& reader);
  // All answers as one.
  std::string_view joined(Arena& arena) const;

 private:
  std::string_view before_;  // Of the body: up to the first input,
  std::string_view after_;   // and behind the last.
  std::span<std::string_view> inputs_;
  std::size_t most_;
  std::size_t next_ = 0;
  std::uint64_t joined_count_ = 0;
  std::int64_t prompt_tokens_ = 0;
  std::int64_t total_tokens_ = 0;
  std::string model_;
  std::string data_;
};

}  // namespace sluice::dialect
