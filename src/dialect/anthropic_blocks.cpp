#include "dialect/anthropic_blocks.h"

#include "dialect/seals.h"

#include <algorithm>
#include <optional>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

bool given(const std::optional<Value>& value) {
  return value && value->kind() != Kind::Null;
}

// A member that must be a string when it is given.
Result<std::string_view> text_of(const Value& block, std::string_view key, const std::string& path,
                                 Arena& arena) {
  const auto value = block.find(key);
  if (!given(value)) return std::string_view();
  const auto text = value->string(arena);
  if (!text) return wrong_field(path + "." + std::string(key), "a string");
  return *text;
}

class BlockReader {
 public:
  BlockReader(std::span<const Turn> turns, Arena& arena) : turns_(turns), arena_(arena) {}

  Result<void> read(const Value& content, const std::string& path, ArenaList<Part>& parts) {
    if (content.kind() == Kind::String) {
      const auto text = content.string(arena_);
      if (!text) return wrong_field(path, "a string");
      parts.add({.what = Text{.text = *text}});
      return {};
    }
    if (content.kind() != Kind::Array) return wrong_field(path, "a string or an array of blocks");
    std::size_t index = 0;
    for (const Value block : content.elements()) {
      const std::string at = path + "[" + std::to_string(index++) + "]";
      TRY(Part part, read_block(block, at));
      attach_call_seal(part, parts);
    }
    return {};
  }

 private:
  Result<Part> read_block(const Value& block, const std::string& path) {
    if (block.kind() != Kind::Object) return wrong_field(path, "an object");
    TRY(const std::string_view type, text_of(block, "type", path, arena_));
    if (type.empty()) return wrong_field(path + ".type", "a string");
    if (type == "text") return text(block, path);
    if (type == "image" || type == "document") return media(block, type, path);
    if (type == "tool_use") return call(block, path);
    if (type == "tool_result") return result(block, path);
    if (type == "thinking" || type == "redacted_thinking") return thinking(block, type, path);
    return Part{.what = Foreign{.of = Dialect::Messages,
                                .type = type,
                                .json = block.raw(),
                                .importance = block_importance(type)}};
  }

  Result<Part> text(const Value& block, const std::string& path) {
    Text text;
    TRY(text.text, text_of(block, "text", path, arena_));
    if (const auto citations = block.find("citations"); given(citations)) {
      ArenaList<Citation> list(arena_);
      for (const Value one : citations->elements()) list.add(read_anthropic_citation(one, arena_));
      text.citations = list.all();
    }
    return finish({.what = text}, block, {"text", "citations"});
  }

  Result<Part> media(const Value& block, std::string_view type, const std::string& path) {
    Media media{.kind = type == "image" ? MediaKind::Image : MediaKind::Document,
                .of = Dialect::Messages};
    const auto source = block.find("source");
    if (!given(source) || source->kind() != Kind::Object)
      return wrong_field(path + ".source", "an object");
    TRY(media.name, text_of(block, "title", path, arena_));
    TRY(media.context, text_of(block, "context", path, arena_));
    if (const auto citations = block.find("citations"); given(citations)) {
      const auto enabled = citations->find("enabled");
      media.citations = enabled && enabled->boolean().value_or(false);
    }
    TRY_VOID(read_source(*source, path + ".source", media));
    return finish({.what = media}, block, {"source", "title", "context", "citations"});
  }

  Result<void> read_source(const Value& source, const std::string& path, Media& media) {
    TRY(const std::string_view type, text_of(source, "type", path, arena_));
    TRY(media.media_type, text_of(source, "media_type", path, arena_));
    std::string_view key = "data";
    if (type == "base64") {
      media.source = MediaSource::Base64;
    } else if (type == "text") {
      media.source = MediaSource::PlainText;
    } else if (type == "url") {
      media.source = MediaSource::Url;
      key = "url";
    } else if (type == "file") {
      media.source = MediaSource::FileId;
      key = "file_id";
    } else {
      media.source = MediaSource::Json;
      media.data = source.raw();
      return {};
    }
    TRY(media.data, text_of(source, key, path, arena_));
    if (media.data.empty()) return wrong_field(path + "." + std::string(key), "a string");
    return {};
  }

  Result<Part> call(const Value& block, const std::string& path) {
    ToolCall call;
    TRY(call.id, text_of(block, "id", path, arena_));
    TRY(call.name, text_of(block, "name", path, arena_));
    const auto input = block.find("input");
    if (given(input) && input->kind() != Kind::Object)
      return wrong_field(path + ".input", "an object");
    call.arguments = given(input) ? input->raw() : "{}";
    return finish({.what = call}, block, {"id", "name", "input"});
  }

  Result<Part> result(const Value& block, const std::string& path) {
    ToolResult result;
    TRY(result.call_id, text_of(block, "tool_use_id", path, arena_));
    result.name = name_of_call(result.call_id);
    if (const auto failed = block.find("is_error"); given(failed)) {
      const auto is_error = failed->boolean();
      if (!is_error) return wrong_field(path + ".is_error", "true or false");
      result.is_error = *is_error;
    }
    if (const auto content = block.find("content"); given(content)) {
      ArenaList<Part> parts(arena_);
      TRY_VOID(read(*content, path + ".content", parts));
      result.parts = parts.all();
    }
    return finish({.what = result}, block, {"tool_use_id", "is_error", "content"});
  }

  Result<Part> thinking(const Value& block, std::string_view type, const std::string& path) {
    Thinking thinking{.redacted = type != "thinking"};
    TRY(thinking.text, text_of(block, "thinking", path, arena_));
    TRY(const std::string_view seal,
        text_of(block, thinking.redacted ? "data" : "signature", path, arena_));
    thinking.signature = read_seal(seal, Dialect::Messages);
    return finish({.what = thinking}, block, {"thinking", "signature", "data"});
  }

  // Gemini seals the calls themselves; such a seal travels as a block before the call.
  static void attach_call_seal(Part& part, ArenaList<Part>& parts) {
    auto* call = std::get_if<ToolCall>(&part.what);
    const auto* before =
        call && !parts.empty() ? std::get_if<Thinking>(&parts.last().what) : nullptr;
    if (before && before->redacted && before->signature.by == Dialect::Gemini) {
      call->signature = before->signature;
      parts.pop();
    }
    parts.add(part);
  }

  // The rest of the block: its cache mark, and what only this dialect knows.
  Result<Part> finish(Part part, const Value& block,
                      std::initializer_list<std::string_view> known) {
    ArenaList<Extra> extras(arena_);
    for (const auto [key, value] : block.members()) {
      if (key == "type" || value.kind() == Kind::Null) continue;
      if (key == "cache_control") {
        part.cache = read_cache_mark(value, arena_);
      } else if (std::ranges::none_of(known, [&](std::string_view name) { return key == name; })) {
        extras.add({Dialect::Messages, key.string(arena_).value_or(""), value.raw()});
      }
    }
    part.extras = extras.all();
    return part;
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
};

}  // namespace

std::unexpected<Failure> wrong_field(std::string_view path, std::string_view expected) {
  ApiError error{.kind = ErrorKind::InvalidRequest,
                 .code = "invalid_request",
                 .message = std::string(path) + " must be " + std::string(expected) + ".",
                 .param = std::string(path)};
  return fail(std::move(error));
}

CacheMark read_cache_mark(const json::Value& value, Arena& arena) {
  CacheMark mark{.set = value.kind() == Kind::Object};
  if (const auto ttl = value.find("ttl")) mark.ttl = ttl->string(arena).value_or("");
  return mark;
}

Importance block_importance(std::string_view type) {
  const bool done_by_a_server = type == "server_tool_use" || type == "mcp_tool_use" ||
                                type == "tool_reference" || type.ends_with("_tool_result");
  return done_by_a_server ? Importance::Hint : Importance::Meaning;
}

Result<void> read_blocks(const json::Value& content, const std::string& path,
                         std::span<const Turn> turns, Arena& arena, ArenaList<Part>& parts) {
  return BlockReader(turns, arena).read(content, path, parts);
}

Citation read_anthropic_citation(const json::Value& value, Arena& arena) {
  Citation citation{.of = Dialect::Messages, .json = value.raw()};
  const auto text = [&](std::string_view key) {
    const auto found = value.find(key);
    return found ? found->string(arena).value_or("") : std::string_view();
  };
  citation.url = text("url");
  citation.title = text("title");
  if (citation.title.empty()) citation.title = text("document_title");
  citation.cited = text("cited_text");
  return citation;
}

}  // namespace sluice::dialect
