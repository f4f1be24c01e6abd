#include "routing/prompt_prefix.h"

#include "routing/strategies/stable_hash.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace sluice::routing {
namespace {

using json::Kind;
using json::Value;

constexpr std::size_t kEnough = 1024;

// The first bytes of several texts.
class Beginning {
 public:
  bool is_full() const { return size_ == kEnough; }
  std::string_view text() const { return {room_.data(), size_}; }

  void add(std::string_view text) {
    text = text.substr(0, kEnough - size_);
    std::ranges::copy(text, room_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += text.size();
  }

 private:
  std::array<char, kEnough> room_{};
  std::size_t size_ = 0;
};

// What a turn or the system says, in any dialect: a string, an object that holds it, or a list.
void add_texts(const Value& value, Beginning& beginning) {
  if (beginning.is_full()) return;
  switch (value.kind()) {
    case Kind::String:
      return beginning.add(value.raw());
    case Kind::Array:
      for (const Value element : value.elements()) add_texts(element, beginning);
      return;
    case Kind::Object:
      for (const auto [key, member] : value.members()) {
        if (key == "content" || key == "text" || key == "parts") add_texts(member, beginning);
      }
      return;
    default:
      return;
  }
}

bool is_of_user(const Value& turn) {
  if (turn.kind() != Kind::Object) return true;
  if (const auto role = turn.find("role")) return *role == "user";
  return !turn.find("type");  // Gemini's may leave it out.
}

void add_turns(const Value& turns, Beginning& beginning) {
  if (turns.kind() != Kind::Array) return add_texts(turns, beginning);
  for (const Value turn : turns.elements()) {
    add_texts(turn, beginning);
    if (is_of_user(turn) || beginning.is_full()) return;
  }
}

struct Parts {
  std::optional<Value> system;
  std::optional<Value> turns;
  std::optional<Value> tools;
  std::optional<Value> cache_key;
};

Parts parts_of(const Value& body) {
  Parts parts;
  for (const auto [key, value] : body.members()) {
    if (value.kind() == Kind::Null) continue;
    if (key == "system" || key == "instructions" || key == "systemInstruction" ||
        key == "system_instruction") {
      parts.system = value;
    } else if (key == "messages" || key == "contents" || key == "input" || key == "prompt") {
      parts.turns = value;
    } else if (key == "tools" || key == "toolConfig" || key == "functions") {
      parts.tools = value;
    } else if (key == "prompt_cache_key") {
      parts.cache_key = value;
    }
  }
  return parts;
}

}  // namespace

std::optional<std::uint64_t> prompt_prefix_hash(const Value& body) {
  const Parts parts = parts_of(body);
  Beginning beginning;
  if (parts.system) add_texts(*parts.system, beginning);
  if (parts.turns) add_turns(*parts.turns, beginning);
  if (beginning.text().empty() && !parts.tools && !parts.cache_key) return std::nullopt;
  std::uint64_t hash = stable_hash(beginning.text());
  for (const auto& part : {parts.tools, parts.cache_key}) {
    hash = mixed(hash ^ (part ? stable_hash(part->raw().substr(0, kEnough)) : 0));
  }
  return hash;
}

}  // namespace sluice::routing
