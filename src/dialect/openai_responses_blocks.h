// The items of an answer while they are told. Those of whole answers are put together by the same
// steps, without the frames.
#pragma once

#include "sluice/reply.h"

#include "dialect/openai_responses_object.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dialect::responses {

// The events of one stream, and the items that are done.
class Frames {
 public:
  Frames(bool stream, std::string id) : id_(std::move(id)), stream_(stream) {}

  bool stream() const { return stream_; }
  void begin(std::string_view type, std::string& out);
  void end(std::string& out) { append(out, "}\n\n"); }
  // Each of these is a whole event; nothing in a whole answer.
  void item(std::string_view type, std::size_t at, std::string_view json, std::string& out);
  void delta(std::string_view type, std::string_view place, std::string_view text,
             std::string& out);
  // `rest` begins with a comma.
  void event(std::string_view type, std::string_view place, std::string_view rest,
             std::string& out);

  std::size_t add_item() {
    items.emplace_back();
    return items.size() - 1;
  }
  std::string item_id(std::string_view prefix, std::size_t at) const;
  // ,"item_id":…,"output_index":…
  static std::string place(std::string_view item_id, std::size_t at);

  std::vector<std::string> items;         // By their output_index.
  std::string_view status = "completed";  // Of items that end now.

 private:
  std::string id_;
  std::int64_t sequence_ = 0;
  bool stream_;
};

class Message {
 public:
  explicit Message(Frames& frames) : frames_(frames) {}

  bool is_open() const { return open_; }
  void text(std::string_view words, std::string_view logprobs, std::string& out);
  void refusal(std::string_view words, std::string& out);
  void citation(const Citation& citation, std::string& out);
  void close(std::string& out);

 private:
  enum class Part : std::uint8_t { None, Text, Refusal };

  void open(Part part, std::string& out);
  void close_part(std::string& out);
  std::string part_json() const;
  std::string item_json(std::string_view status) const;
  std::int64_t letters() const;

  Frames& frames_;
  bool open_ = false;
  Part part_ = Part::None;
  std::size_t at_ = 0;
  std::size_t parts_ = 0;
  std::size_t cited_ = 0;
  std::string id_;
  std::string place_;  // Of the part.
  std::string words_;  // Of the part; so are these two, elements of arrays.
  std::string annotations_;
  std::string logprobs_;
  std::string content_;  // Parts that are done.
};

// They are told as a summary: that is what clients of this API show.
class Thoughts {
 public:
  explicit Thoughts(Frames& frames) : frames_(frames) {}

  void text(std::string_view words, std::string& out);
  // Ends the block; a seal alone is a block of its own.
  void close(const Sealed& seal, std::string& out);
  void seal_of_call(const Sealed& seal, std::string& out);

 private:
  void open(std::string& out);
  void done(std::string_view sealed, std::string& out);

  Frames& frames_;
  bool open_ = false;
  bool told_ = false;  // Some words of it.
  std::size_t at_ = 0;
  std::string id_;
  std::string place_;
  std::string words_;
};

class Calls {
 public:
  // The names of custom tools are taken from what was asked.
  Calls(Frames& frames, const Shape& shape);

  bool knows(std::uint32_t index) const { return find(index) != nullptr; }
  void hear(const ToolCallDelta& delta, std::string& out);
  void close_last(std::string& out);
  void close_all(std::string& out);

 private:
  struct Call {
    std::uint32_t index = 0;
    bool custom = false;
    bool wrapped = false;  // Its free text comes as {"input": text}, to be unwrapped at its end.
    bool open = true;
    std::size_t at = 0;
    std::string id;
    std::string name;
    std::string item_id;
    std::string place;
    std::string arguments;
  };

  const Call* find(std::uint32_t index) const;
  Call& open(const ToolCallDelta& delta, std::string& out);
  void close(Call& call, std::string& out);
  static std::string item_json(const Call& call, std::string_view status);

  Frames& frames_;
  std::string id_;
  std::vector<std::string> custom_;
  std::vector<Call> calls_;
  std::uint32_t last_ = 0;
};

}  // namespace sluice::dialect::responses
