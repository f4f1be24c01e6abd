// The turns of a conversation as items.
#include "base/text.h"
#include "dialect/conversation_text.h"
#include "dialect/openai_responses_parts.h"

#include <algorithm>

namespace sluice::dialect::responses {
namespace {

bool is_content(const Part& part) {
  return std::holds_alternative<Text>(part.what) || std::holds_alternative<Media>(part.what) ||
         std::holds_alternative<Refusal>(part.what);
}

bool has_message_fields(const Part& part) {
  return std::ranges::any_of(part.extras, [](const Extra& extra) {
    return extra.of == Dialect::Responses && extra.name.starts_with(kOfMessage);
  });
}

// Files live with the provider, whichever of its dialects asks for them.
bool is_openai(Dialect dialect) {
  return dialect == Dialect::Responses || dialect == Dialect::Chat || dialect == Dialect::OpenAi;
}

std::string_view role_name(Role role) {
  switch (role) {
    case Role::System:
      return "system";
    case Role::Developer:
      return "developer";
    case Role::Assistant:
      return "assistant";
    case Role::User:
    case Role::Tool:
      break;
  }
  return "user";
}

// An identifier that our own encoder made, for an answer that OpenAI never saw.
bool is_ours(std::string_view id) {
  const std::size_t score = id.rfind('_');
  if (score == std::string_view::npos || score == id.find('_')) return false;
  return text::parse_uint(id.substr(score + 1)).has_value();
}

class InputWriter {
 public:
  InputWriter(json::Writer& writer, const Conversation& conversation, Losses& losses, Arena& arena)
      : writer_(writer), conversation_(conversation), losses_(losses), arena_(arena) {}

  Result<void> turn(const Turn& turn) {
    if (!turn.name.empty()) TRY_VOID(losses_.hint("name"));
    TRY_VOID(losses_.extras(turn.extras, Dialect::Responses));
    const auto parts = turn.parts;
    for (std::size_t at = 0; at < parts.size();) {
      std::size_t end = at + 1;
      if (is_content(parts[at])) {
        while (end < parts.size() && is_content(parts[end]) && !has_message_fields(parts[end]))
          ++end;
        TRY_VOID(message(turn.role, parts.subspan(at, end - at)));
      } else if (std::holds_alternative<Thinking>(parts[at].what)) {
        while (end < parts.size() && goes_on(parts[end - 1], parts[end])) ++end;
        TRY_VOID(reasoning(parts.subspan(at, end - at)));
      } else {
        TRY_VOID(item(parts[at]));
      }
      at = end;
    }
    return {};
  }

 private:
  // Thoughts of one item: the last of them is sealed.
  static bool goes_on(const Part& before, const Part& after) {
    const auto& thought = std::get<Thinking>(before.what);
    const auto* next = std::get_if<Thinking>(&after.what);
    return next && !thought.signature.given() && !thought.redacted && !next->redacted &&
           next->item_id == thought.item_id;
  }

  Result<void> check(const Part& part) {
    TRY_VOID(losses_.extras(part.extras, Dialect::Responses));
    if (part.cache.set && !own_extra(part.extras, "prompt_cache_breakpoint"))
      return losses_.hint("cache_control");
    return {};
  }

  void own_extras(const Part& part) {
    for (const Extra& extra : part.extras) {
      if (extra.of == Dialect::Responses && !extra.name.starts_with(kOfMessage))
        writer_.key(extra.name).raw(extra.json);
    }
  }

  Result<void> message(Role role, std::span<const Part> parts) {
    writer_.begin_object();
    bool named = false;
    for (const Extra& extra : parts.front().extras) {
      if (extra.of != Dialect::Responses || !extra.name.starts_with(kOfMessage)) continue;
      const std::string_view name = extra.name.substr(kOfMessage.size());
      if (name == "id" && extra.json.size() > 2) {
        if (is_ours(extra.json.substr(1, extra.json.size() - 2))) continue;
        named = true;
      }
      writer_.key(name).raw(extra.json);
    }
    if (named) {
      writer_.member("type", "message");
      if (!own_extra(parts.front().extras, "message.status")) writer_.member("status", "completed");
    }
    writer_.member("role", role_name(role)).key("content");
    const auto* text = std::get_if<Text>(&parts.front().what);
    const auto plain = [](const Extra& extra) {
      return extra.of != Dialect::Responses || extra.name.starts_with(kOfMessage);
    };
    if (!named && text && parts.size() == 1 && text->citations.empty() &&
        std::ranges::all_of(parts.front().extras, plain)) {
      TRY_VOID(check(parts.front()));
      writer_.value(text->text);
    } else {
      TRY_VOID(content(role, parts));
    }
    writer_.end_object();
    return {};
  }

  Result<void> content(Role role, std::span<const Part> parts) {
    writer_.begin_array();
    for (const Part& part : parts) {
      TRY_VOID(check(part));
      if (const auto* text = std::get_if<Text>(&part.what)) {
        TRY_VOID(words(role, *text, part));
      } else if (const auto* refusal = std::get_if<Refusal>(&part.what)) {
        const bool assistant = role == Role::Assistant;
        writer_.begin_object().member("type", assistant ? "refusal" : "input_text");
        writer_.member(assistant ? "refusal" : "text", refusal->text);
        own_extras(part);
        writer_.end_object();
      } else if (const auto* media = std::get_if<Media>(&part.what)) {
        if (role == Role::Assistant) {
          TRY_VOID(losses_.meaning("messages.content", "answers cannot hold media"));
        } else {
          TRY_VOID(this->media(*media, part));
        }
      } else {
        TRY_VOID(losses_.meaning("messages.content", "content of an unknown kind"));
      }
    }
    writer_.end_array();
    return {};
  }

  Result<void> words(Role role, const Text& text, const Part& part) {
    const bool assistant = role == Role::Assistant;
    writer_.begin_object().member("type", assistant ? "output_text" : "input_text");
    writer_.member("text", text.text);
    if (assistant) {
      writer_.key("annotations").begin_array();
      for (const Citation& citation : text.citations) {
        if (citation.of == Dialect::Responses) {
          writer_.raw(citation.json);
        } else {
          TRY_VOID(losses_.hint("citations"));
        }
      }
      writer_.end_array();
    }
    own_extras(part);
    writer_.end_object();
    return {};
  }

  Result<void> media(const Media& media, const Part& part) {
    if (!media.context.empty()) TRY_VOID(losses_.hint("context"));
    if (media.citations) TRY_VOID(losses_.hint("citations"));
    if (media.source == MediaSource::FileId && !is_openai(media.of))
      return losses_.meaning("file_id", "the file is kept by another provider");
    if (media.source == MediaSource::Json)
      return losses_.meaning("messages.content.source", "it is known to another API only");
    switch (media.kind) {
      case MediaKind::Image:
        return image(media, part);
      case MediaKind::Document:
        return document(media, part);
      case MediaKind::Audio:
        if (media.source == MediaSource::Base64) return audio(media, part);
        break;
      case MediaKind::Video:
        break;
    }
    return losses_.meaning("messages.content", "media of this kind cannot be told");
  }

  Result<void> image(const Media& media, const Part& part) {
    if (media.source == MediaSource::PlainText)
      return losses_.meaning("messages.content", "an image that is text");
    writer_.begin_object().member("type", "input_image");
    if (media.source == MediaSource::FileId) {
      writer_.member("file_id", media.data);
    } else {
      writer_.member("image_url", url_of(media, "image/png"));
    }
    if (!media.detail.empty()) writer_.member("detail", media.detail);
    own_extras(part);
    writer_.end_object();
    return {};
  }

  Result<void> document(const Media& media, const Part& part) {
    writer_.begin_object();
    if (media.source == MediaSource::PlainText) {
      losses_.approximate("document");
      writer_.member("type", "input_text").member("text", media.data).end_object();
      return {};
    }
    writer_.member("type", "input_file");
    if (media.source == MediaSource::FileId) {
      writer_.member("file_id", media.data);
    } else if (media.source == MediaSource::Url) {
      writer_.member("file_url", media.data);
    } else {
      const bool bare = media.of == Dialect::Responses && media.media_type.empty();
      writer_.member("file_data", bare ? media.data : url_of(media, "application/pdf"));
      // Data without a name are refused.
      if (media.name.empty() && media.of != Dialect::Responses)
        writer_.member("filename", "document.pdf");
    }
    if (!media.name.empty() && media.source != MediaSource::FileId)
      writer_.member("filename", media.name);
    if (!media.detail.empty()) writer_.member("detail", media.detail);
    own_extras(part);
    writer_.end_object();
    return {};
  }

  Result<void> audio(const Media& media, const Part& part) {
    std::string_view format = media.media_type.substr(media.media_type.find('/') + 1);
    if (format == "mpeg") format = "mp3";
    if (format == "x-wav" || format == "wave") format = "wav";
    writer_.begin_object().member("type", "input_audio").key("input_audio").begin_object();
    writer_.member("data", media.data).member("format", format).end_object();
    own_extras(part);
    writer_.end_object();
    return {};
  }

  std::string_view url_of(const Media& media, std::string_view otherwise) {
    if (media.source == MediaSource::Url) return media.data;
    return data_url(media.media_type.empty() ? otherwise : media.media_type, media.data, arena_);
  }

  Result<void> item(const Part& part) {
    TRY_VOID(check(part));
    if (const auto* call = std::get_if<ToolCall>(&part.what)) return this->call(*call, part);
    if (const auto* result = std::get_if<ToolResult>(&part.what))
      return this->result(*result, part);
    const auto& foreign = std::get<Foreign>(part.what);
    if (foreign.of != Dialect::Responses) return losses_.lose(foreign.importance, foreign.type);
    writer_.raw(foreign.json);
    return {};
  }

  Result<void> call(const ToolCall& call, const Part& part) {
    if (call.signature.given()) TRY_VOID(losses_.hint("reasoning"));
    const bool custom = call.kind == ToolKind::Custom;
    writer_.begin_object().member("type", custom ? "custom_tool_call" : "function_call");
    if (!call.item_id.empty() && !is_ours(call.item_id)) writer_.member("id", call.item_id);
    writer_.member("call_id", call.id).member("name", call.name);
    if (custom) {
      writer_.member("input", call.arguments);
    } else {
      writer_.member("arguments", call.arguments.empty() ? "{}" : call.arguments);
    }
    own_extras(part);
    writer_.end_object();
    return {};
  }

  bool was_custom(const ToolResult& result) const {
    if (result.kind == ToolKind::Custom) return true;
    const Tool* tool = find_tool(conversation_.tools, result.name);
    return tool && tool->kind == ToolKind::Custom;
  }

  Result<void> result(const ToolResult& result, const Part& part) {
    if (result.is_error) losses_.approximate("is_error");
    const bool custom = was_custom(result);
    writer_.begin_object();
    writer_.member("type", custom ? "custom_tool_call_output" : "function_call_output");
    writer_.member("call_id", result.call_id).key("output");
    const auto* only =
        result.parts.size() == 1 ? std::get_if<Text>(&result.parts[0].what) : nullptr;
    if (result.parts.empty()) {
      writer_.value(result.json);
    } else if (only && result.parts[0].extras.empty()) {
      writer_.value(only->text);
    } else {
      TRY_VOID(content(Role::Tool, result.parts));
    }
    own_extras(part);
    writer_.end_object();
    return {};
  }

  Result<void> reasoning(std::span<const Part> parts) {
    const auto& last = std::get<Thinking>(parts.back().what);
    const Sealed& seal = last.signature;
    const bool stranger = seal.given() ? seal.by != Dialect::Responses
                                       : last.item_id.empty() || is_ours(last.item_id);
    // What is neither sealed by OpenAI nor kept there, it refuses.
    if (stranger) return losses_.hint("reasoning");
    writer_.begin_object().member("type", "reasoning");
    if (!last.item_id.empty()) writer_.member("id", last.item_id);
    thoughts(parts, "summary", "summary_text");
    const auto in_full = [](const Part& part) {
      const auto& thought = std::get<Thinking>(part.what);
      return !thought.summary && !thought.text.empty();
    };
    if (std::ranges::any_of(parts, in_full)) thoughts(parts, "content", "reasoning_text");
    if (seal.given()) writer_.member("encrypted_content", seal.text);
    for (const Part& part : parts) {
      TRY_VOID(check(part));
      own_extras(part);
    }
    writer_.end_object();
    return {};
  }

  void thoughts(std::span<const Part> parts, std::string_view field, std::string_view type) {
    writer_.key(field).begin_array();
    for (const Part& part : parts) {
      const auto& thought = std::get<Thinking>(part.what);
      if (thought.summary != (field == "summary") || thought.text.empty()) continue;
      writer_.begin_object().member("type", type).member("text", thought.text).end_object();
    }
    writer_.end_array();
  }

  json::Writer& writer_;
  const Conversation& conversation_;
  Losses& losses_;
  Arena& arena_;
};

}  // namespace

Result<void> write_input(json::Writer& writer, const Conversation& conversation, Losses& losses,
                         Arena& arena) {
  InputWriter input(writer, conversation, losses, arena);
  const std::size_t said = instructions_of(conversation) ? 1 : 0;
  writer.key("input").begin_array();
  for (const Turn& turn : conversation.turns.subspan(said)) TRY_VOID(input.turn(turn));
  writer.end_array();
  return {};
}

}  // namespace sluice::dialect::responses
