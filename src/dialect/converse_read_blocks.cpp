#include "dialect/converse_blocks.h"
#include "dialect/converse_words.h"
#include "dialect/seals.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

constexpr Dialect kOwn = Dialect::Converse;

bool given(const std::optional<Value>& value) {
  return value && value->kind() != Kind::Null;
}

Result<std::string_view> text_of(const Value& block, std::string_view key, const std::string& path,
                                 Arena& arena) {
  const auto value = block.find(key);
  if (!given(value)) return std::string_view();
  const auto text = value->string(arena);
  if (!text) return converse_wrong(path + "." + std::string(key), "a string");
  return *text;
}

class BlockReader {
 public:
  BlockReader(std::span<const Turn> turns, Arena& arena, ArenaList<Part>& parts)
      : turns_(turns), arena_(arena), parts_(parts) {}

  Result<void> read(const Value& content, const std::string& path) {
    if (content.kind() != Kind::Array) return converse_wrong(path, "an array of blocks");
    std::size_t index = 0;
    for (const Value block : content.elements()) {
      const std::string at = path + "[" + std::to_string(index++) + "]";
      TRY_VOID(read_block(block, at));
    }
    return {};
  }

 private:
  // A block has one member, which says what it is.
  Result<void> read_block(const Value& block, const std::string& path) {
    if (block.kind() != Kind::Object) return converse_wrong(path, "an object");
    std::optional<json::Member> only;
    for (const json::Member member : block.members()) {
      if (member.value.kind() == Kind::Null) continue;
      if (only) return converse_wrong(path, "an object with one member");
      only.emplace(member);
    }
    if (!only) return converse_wrong(path, "an object with one member");
    const std::string_view type = only->key.string(arena_).value_or("");
    if (type != "text" && type != "json" && only->value.kind() != Kind::Object)
      return converse_wrong(path + "." + std::string(type), "an object");
    return read_member(type, only->value, block, path + "." + std::string(type));
  }

  Result<void> read_member(std::string_view type, const Value& value, const Value& block,
                           const std::string& path) {
    if (type == "text") {
      const auto text = value.string(arena_);
      if (!text) return converse_wrong(path, "a string");
      parts_.add({.what = Text{*text}});
      return {};
    }
    if (type == "image") return media(MediaKind::Image, value, path);
    if (type == "document") return media(MediaKind::Document, value, path);
    if (type == "video") return media(MediaKind::Video, value, path);
    if (type == "audio") return media(MediaKind::Audio, value, path);
    // What the provider's own tools did says what type it is.
    const bool own_tool = value.find("type").has_value() && !(value.find("type") == "tool_use");
    if (type == "toolUse" && !own_tool) return call(value, path);
    if (type == "toolResult" && !own_tool) return result(value, path);
    if (type == "reasoningContent") return thinking(value, path);
    if (type == "citationsContent") return cited(value, path);
    if (type == "guardContent") return guarded(value, block);
    if (type == "cachePoint" && !parts_.empty() && !parts_.last().cache.set) {
      parts_.last().cache = read_cache_point(value, arena_);
      return {};
    }
    if (type == "json") {
      // Among other content; for others it is a text.
      parts_.add({.what = Text{value.raw()}, .extras = own_block(type, block)});
      return {};
    }
    const bool hint = own_tool || type == "cachePoint";
    parts_.add({.what = Foreign{.of = kOwn,
                                .type = type,
                                .json = block.raw(),
                                .importance = hint ? Importance::Hint : Importance::Meaning}});
    return {};
  }

  // Said nearly by the part, and exactly by this block.
  std::span<const Extra> own_block(std::string_view type, const Value& block) {
    return arena_.array_of(Extra{kOwn, type, block.raw()});
  }

  Result<void> media(MediaKind kind, const Value& value, const std::string& path) {
    Media media{.kind = kind, .of = kOwn};
    TRY(const std::string_view format, text_of(value, "format", path, arena_));
    if (!format.empty()) media.media_type = converse_media_type(kind, format, arena_);
    TRY(media.name, text_of(value, "name", path, arena_));
    TRY(media.context, text_of(value, "context", path, arena_));
    if (const auto citations = value.find("citations"); given(citations)) {
      const auto enabled = citations->find("enabled");
      media.citations = enabled && enabled->boolean().value_or(false);
    }
    const auto source = value.find("source");
    if (!given(source) || source->kind() != Kind::Object)
      return converse_wrong(path + ".source", "an object");
    if (const auto bytes = source->find("bytes"); given(bytes)) {
      TRY(media.data, text_of(*source, "bytes", path + ".source", arena_));
    } else if (const auto text = source->find("text"); given(text)) {
      media.source = MediaSource::PlainText;
      TRY(media.data, text_of(*source, "text", path + ".source", arena_));
    } else {
      media.source = MediaSource::Json;
      media.data = source->raw();
    }
    return finish({.what = media}, value, {"format", "name", "context", "citations", "source"});
  }

  Result<void> call(const Value& value, const std::string& path) {
    ToolCall call;
    TRY(call.id, text_of(value, "toolUseId", path, arena_));
    TRY(call.name, text_of(value, "name", path, arena_));
    const auto input = value.find("input");
    if (given(input) && input->kind() != Kind::Object)
      return converse_wrong(path + ".input", "an object");
    call.arguments = given(input) ? input->raw() : "{}";
    // Gemini seals the calls themselves; such a seal travels as a block before the call.
    const auto* before = parts_.empty() ? nullptr : std::get_if<Thinking>(&parts_.last().what);
    if (before && before->redacted && before->signature.by == Dialect::Gemini) {
      call.signature = before->signature;
      parts_.pop();
    }
    return finish({.what = call}, value, {"toolUseId", "name", "input", "type"});
  }

  Result<void> result(const Value& value, const std::string& path) {
    ToolResult result;
    TRY(result.call_id, text_of(value, "toolUseId", path, arena_));
    result.name = name_of_call(result.call_id);
    TRY(const std::string_view status, text_of(value, "status", path, arena_));
    result.is_error = status == "error";
    if (const auto content = value.find("content"); given(content)) {
      result.json = only_json(*content);
      ArenaList<Part> inner(arena_);
      if (result.json.empty()) {
        TRY_VOID(BlockReader(turns_, arena_, inner).read(*content, path + ".content"));
      }
      result.parts = inner.all();
    }
    return finish({.what = result}, value, {"toolUseId", "status", "content"});
  }

  static JsonText only_json(const Value& content) {
    JsonText found;
    for (const Value block : content.elements()) {
      const auto json = block.find("json");
      if (!json || !found.empty()) return {};
      found = json->raw();
    }
    return found;
  }

  Result<void> thinking(const Value& value, const std::string& path) {
    Thinking thinking{.signature = {kOwn, {}}};
    if (const auto text = value.find("reasoningText"); given(text)) {
      const std::string at = path + ".reasoningText";
      TRY(thinking.text, text_of(*text, "text", at, arena_));
      TRY(const std::string_view seal, text_of(*text, "signature", at, arena_));
      thinking.signature = read_seal(seal, kOwn);
    } else {
      thinking.redacted = true;
      TRY(const std::string_view seal, text_of(value, "redactedContent", path, arena_));
      thinking.signature = read_sealed_bytes(seal, arena_);
    }
    parts_.add({.what = thinking});
    return {};
  }

  Result<void> cited(const Value& value, const std::string& path) {
    ArenaList<Part> texts(arena_);
    if (const auto content = value.find("content"); given(content))
      TRY_VOID(BlockReader(turns_, arena_, texts).read(*content, path + ".content"));
    ArenaList<Citation> citations(arena_);
    if (const auto list = value.find("citations"); given(list)) {
      for (const Value one : list->elements()) citations.add(read_converse_citation(one, arena_));
    }
    if (texts.empty()) texts.add({.what = Text{}});
    if (auto* last = std::get_if<Text>(&texts.last().what)) last->citations = citations.all();
    for (const Part& part : texts.all()) parts_.add(part);
    return {};
  }

  // Words of the user that a guardrail is to look at; for others they are his words.
  Result<void> guarded(const Value& value, const Value& block) {
    const auto text = value.find("text");
    const auto words = given(text) ? text->find("text") : std::nullopt;
    if (!words) {
      parts_.add({.what = Foreign{.of = kOwn, .type = "guardContent", .json = block.raw()}});
    } else {
      parts_.add({.what = Text{words->string(arena_).value_or("")},
                  .extras = own_block("guardContent", block)});
    }
    return {};
  }

  // The rest of the block is what only this dialect knows.
  Result<void> finish(Part part, const Value& value,
                      std::initializer_list<std::string_view> known) {
    ArenaList<Extra> extras(arena_);
    for (const auto [key, member] : value.members()) {
      if (member.kind() == Kind::Null) continue;
      if (std::ranges::none_of(known, [&](std::string_view name) { return key == name; }))
        extras.add({kOwn, key.string(arena_).value_or(""), member.raw()});
    }
    part.extras = extras.all();
    parts_.add(part);
    return {};
  }

  std::string_view name_of_call(std::string_view id) const {
    for (std::size_t i = turns_.size(); i-- > 0;) {
      for (const Part& part : turns_[i].parts) {
        const auto* call = std::get_if<ToolCall>(&part.what);
        if (call && call->id == id) return call->name;
      }
    }
    return {};
  }

  std::span<const Turn> turns_;
  Arena& arena_;
  ArenaList<Part>& parts_;
};

}  // namespace

CacheMark read_cache_point(const json::Value& value, Arena& arena) {
  CacheMark mark{.set = true};
  if (const auto ttl = value.find("ttl")) mark.ttl = ttl->string(arena).value_or("");
  return mark;
}

Result<void> read_converse_blocks(const json::Value& content, const std::string& path,
                                  std::span<const Turn> turns, Arena& arena,
                                  ArenaList<Part>& parts) {
  return BlockReader(turns, arena, parts).read(content, path);
}

}  // namespace sluice::dialect
