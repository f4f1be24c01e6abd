// Says in our own words what the items of an answer are, as they come or whole.
#pragma once

#include "sluice/provider.h"

#include "base/json.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace sluice::dialect::responses {

class Teller {
 public:
  // A response object that tells of its begin; only the first one is said.
  void started(const json::Value& response, Meaning& meaning);
  // One of the stream's events between begin and end.
  void event(std::string_view kind, const json::Value& event, Meaning& meaning);
  // A response object at its end: the items, unless events told them; and how it ended.
  void rest(const json::Value& response, Meaning& meaning);
  void stopped(const json::Value& response, Meaning& meaning) const;

 private:
  struct Item {
    std::int64_t index = 0;       // Of the answer's items.
    std::uint32_t call = 0;       // Of its calls.
    bool opened = false;          // It is a call, and was said.
    bool said = false;            // Some of its content was said.
    bool open = false;            // Some of its last part was said, but not the part's end.
    std::int64_t part = -1;       // That the last words belong to.
    std::size_t annotations = 0;  // Said of that part.
  };

  Item& item_of(const json::Value& event);
  void delta(std::string_view kind, const json::Value& event, Meaning& meaning);
  void call_delta(Item& item, std::string_view arguments, ToolKind kind, Meaning& meaning);
  void text(Item& item, std::string_view words, const std::optional<json::Value>& logprobs,
            Meaning& meaning);
  void thought(Item& item, std::int64_t part, std::string_view words, bool summary,
               Meaning& meaning);
  void annotation(Item& item, const json::Value& annotation, Meaning& meaning);
  void annotations(Item& item, const json::Value& part, Meaning& meaning);
  void end_block(Item& item, Meaning& meaning);

  void added(const json::Value& value, Item& item, Meaning& meaning);
  void done(const json::Value& value, Item& item, Meaning& meaning);
  void message(const json::Value& value, Item& item, Meaning& meaning);
  void reasoning(const json::Value& value, Item& item, Meaning& meaning);
  void call(const json::Value& value, ToolKind kind, Item& item, Meaning& meaning);
  void image(const json::Value& value, Meaning& meaning);

  std::vector<Item> items_;
  std::uint32_t calls_ = 0;
  bool started_ = false;
};

}  // namespace sluice::dialect::responses
