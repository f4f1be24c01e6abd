#include "dialect/gemini_reading.h"

#include <algorithm>
#include <array>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

constexpr std::array<std::string_view, 8> kFields = {
    "contents",         "systemInstruction", "tools",         "toolConfig",
    "generationConfig", "safetySettings",    "cachedContent", "labels"};

class BodyReader {
 public:
  BodyReader(Arena& arena, Conversation& conversation)
      : arena_(arena), conversation_(conversation), turns_(arena), extras_(arena), calls_(arena) {}

  Result<void> read(const Value& body) {
    TRY_VOID(find(body));
    // What was said before stands first.
    if (const auto& system = fields_[1]) TRY_VOID(read_system(*system));
    if (const auto& contents = fields_[0]) TRY_VOID(read_contents(*contents));
    if (const auto& tools = fields_[2]) TRY_VOID(read_gemini_tools(*tools, arena_, conversation_));
    if (const auto& config = fields_[3])
      TRY_VOID(read_gemini_tool_config(*config, arena_, conversation_, extras_));
    if (const auto& config = fields_[4])
      TRY_VOID(read_gemini_config(*config, arena_, conversation_, extras_));
    conversation_.turns = turns_.all();
    conversation_.extras = extras_.all();
    return {};
  }

 private:
  Result<void> find(const Value& body) {
    for (const auto [key, value] : body.members()) {
      const std::string_view name = gemini_name(key, arena_);
      const auto* known = std::ranges::find(kFields, name);
      if (known != kFields.end()) {
        auto& field = fields_[static_cast<std::size_t>(known - kFields.begin())];
        if (field) return gemini_wrong(name, "given once");
        if (!gemini_given(value)) continue;
        field = value;
        if (known - kFields.begin() < 5) continue;
      }
      // The model stands in the path.
      if (!gemini_given(value) || name == "model") continue;
      extras_.add({Dialect::Gemini, name, value.raw(),
                   name == "cachedContent" ? Importance::Meaning : Importance::Hint});
    }
    return {};
  }

  Result<void> read_system(const Value& system) {
    ArenaList<Part> parts(arena_);
    if (system.kind() == Kind::String) {
      parts.add({Text{system.string(arena_).value_or("")}});
    } else {
      TRY_VOID(read_parts(system, "systemInstruction", parts));
    }
    if (!parts.empty()) turns_.add({.role = Role::System, .parts = parts.all()});
    return {};
  }

  Result<void> read_contents(const Value& contents) {
    // One content alone is taken for a list of it.
    if (contents.kind() == Kind::Object) TRY_VOID(read_content(contents));
    if (contents.kind() != Kind::Object && contents.kind() != Kind::Array)
      return gemini_wrong("contents", "a list");
    for (const Value content : contents.elements()) {
      if (content.kind() != Kind::Object) return gemini_wrong("contents", "a list of objects");
      TRY_VOID(read_content(content));
    }
    end_turn();
    return {};
  }

  Result<void> read_content(const Value& content) {
    const auto named = content.find("role");
    const bool model = named && (*named == "model" || *named == "assistant");
    const bool other = named && gemini_given(*named) && !model && !(*named == "user") &&
                       !(*named == "function") && !(*named == "tool") && !(*named == "system");
    if (other) return gemini_wrong("contents.role", "\"user\" or \"model\"");
    if (model && (!open_ || open_role_ != Role::Assistant)) calls_.new_turn();
    ArenaList<Part> parts(arena_);
    TRY_VOID(read_parts(content, "contents", parts));
    if (parts.empty()) return {};
    Role role = model ? Role::Assistant : Role::User;
    const bool results = std::ranges::all_of(parts.all(), [](const Part& part) {
      return std::holds_alternative<ToolResult>(part.what);
    });
    if (!model && results) role = Role::Tool;
    if (!open_ || open_role_ != role) {
      end_turn();
      open_.emplace(arena_);
      open_role_ = role;
    }
    for (const Part& part : parts.all()) open_->add(part);
    return {};
  }

  Result<void> read_parts(const Value& content, std::string_view field, ArenaList<Part>& parts) {
    for (const auto [key, value] : content.members()) {
      if (!(key == "parts") || !gemini_given(value)) continue;
      if (value.kind() == Kind::Object) {
        TRY_VOID(read_gemini_part(value, calls_, arena_, parts));
      } else if (value.kind() != Kind::Array) {
        return gemini_wrong(arena_.join(field, ".parts"), "a list");
      }
      for (const Value part : value.elements())
        TRY_VOID(read_gemini_part(part, calls_, arena_, parts));
    }
    return {};
  }

  void end_turn() {
    if (open_) turns_.add({.role = open_role_, .parts = open_->all()});
    open_.reset();
  }

  Arena& arena_;
  Conversation& conversation_;
  ArenaList<Turn> turns_;
  ArenaList<Extra> extras_;
  GeminiCalls calls_;
  std::array<std::optional<Value>, kFields.size()> fields_;
  std::optional<ArenaList<Part>> open_;  // Of the turn that goes on while the role stays.
  Role open_role_ = Role::User;
};

}  // namespace

Result<void> read_gemini(const Value& body, Arena& arena, Conversation& conversation) {
  return BodyReader(arena, conversation).read(body);
}

}  // namespace sluice::dialect
