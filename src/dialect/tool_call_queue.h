// Calls of tools that may come mixed, told one after the other.
#pragma once

#include "sluice/reply.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dialect {

// Follows a JSON text that comes in pieces, to know when it is whole.
class JsonProgress {
 public:
  void add(std::string_view piece);
  bool whole() const { return begun_ && depth_ == 0 && !in_string_; }

 private:
  int depth_ = 0;
  bool begun_ = false;
  bool in_string_ = false;
  bool escaped_ = false;
};

// The first call is told as it comes; the others wait until those before them are whole.
class ToolCallQueue {
 public:
  enum class Step : std::uint8_t { Wait, Begin, Arguments, End };
  struct Said {
    Step step = Step::Wait;
    std::uint32_t index = 0;
    std::string_view id = {};
    std::string_view name = {};
    Sealed signature = {};            // With Begin.
    std::string_view arguments = {};  // Until the next hear().
  };

  void hear(const ToolCallDelta& delta);
  // Whatever came is all there is of the calls so far.
  void no_more();
  // What is to be told next.
  Said next();

 private:
  struct Call {
    std::uint32_t index = 0;
    std::string id;
    std::string name;
    std::string signature;
    Dialect signed_by = Dialect::Opaque;
    std::string arguments;  // Those that were not told yet are behind `told`.
    std::size_t told = 0;
    JsonProgress progress;
    ToolKind kind = ToolKind::Function;
    bool begun = false;
    bool closed = false;  // Nothing can follow.
  };

  Call& call(std::uint32_t index);

  std::vector<Call> calls_;
  std::size_t at_ = 0;  // The one that is told.
};

}  // namespace sluice::dialect
