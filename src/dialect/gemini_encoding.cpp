#include "dialect/gemini_encoding.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "dialect/gemini_words.h"

#include <algorithm>
#include <optional>

namespace sluice::dialect {
namespace {

constexpr std::size_t kLongestText = std::size_t{1} << 20;

json::Reader& reader() {
  thread_local json::Reader one;
  return one;
}

// Where the character begins, in bytes; nothing: not within the text.
std::optional<std::size_t> byte_of(std::string_view text, std::int64_t character) {
  std::size_t at = 0;
  for (; character > 0 && at < text.size(); --character)
    at += std::max<std::size_t>(text::utf8_sequence(text, at), 1);
  if (character != 0) return std::nullopt;
  return at;
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  json::append_escaped(out, text);
  out += '"';
}

// JSON that came from elsewhere may be of several lines; an event's data is one.
void append_line(std::string& out, std::string_view json) {
  const std::size_t begin = out.size();
  out += json;
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
      [](char letter) { return letter == '\n' || letter == '\r'; }, ' ');
}

void write_token(json::Writer& out, const json::Value& token) {
  out.begin_object();
  if (const auto text = token.find("token")) out.key("token").raw(text->raw());
  if (const auto logprob = token.find("logprob")) out.key("logProbability").raw(logprob->raw());
  out.end_object();
}

}  // namespace

void GeminiCandidateWriter::begin_part() {
  close_text();
  if (!parts_.empty()) parts_ += ',';
}

void GeminiCandidateWriter::close_text() {
  if (open_ != Open::None) parts_ += "\"}";
  open_ = Open::None;
}

void GeminiCandidateWriter::text(std::string_view text) {
  if (text.empty()) return;
  if (open_ != Open::Text) {
    begin_part();
    parts_ += R"({"text":")";
    open_ = Open::Text;
  }
  thinking_ = false;
  json::append_escaped(parts_, text);
  if (spoken_.size() + text.size() <= kLongestText) spoken_ += text;
}

void GeminiCandidateWriter::thought(std::string_view text) {
  if (text.empty()) return;
  if (open_ != Open::Thought) {
    begin_part();
    parts_ += R"({"thought":true,"text":")";
    open_ = Open::Thought;
  }
  thinking_ = true;
  json::append_escaped(parts_, text);
}

void GeminiCandidateWriter::sealed(const ReasoningSealed& seal) {
  if (!seal.seal.given()) return;
  if (open_ == Open::Thought && !seal.redacted) {
    parts_ += R"(","thoughtSignature":")";
    append_gemini_seal(parts_, seal.seal, false);
    close_text();
  } else {
    begin_part();
    // Gemini's own stands with an empty text where no thoughts are told.
    const bool own = seal.seal.by == Dialect::Gemini && !thinking_;
    parts_ += own ? R"({"text":"","thoughtSignature":")"
                  : R"({"thought":true,"text":"","thoughtSignature":")";
    append_gemini_seal(parts_, seal.seal, seal.redacted);
    parts_ += "\"}";
  }
  thinking_ = false;
}

void GeminiCandidateWriter::call(const ToolCallDelta& delta) {
  auto found = std::ranges::find(calls_, delta.index, &Call::index);
  if (found == calls_.end()) {
    calls_.push_back({.index = delta.index, .kind = delta.kind});
    found = calls_.end() - 1;
  }
  found->id += delta.id;
  found->name += delta.name;
  found->arguments += delta.arguments;
  if (delta.signature.given() && found->signature.empty())
    append_gemini_seal(found->signature, delta.signature, false);
}

void GeminiCandidateWriter::write_calls() {
  if (calls_.empty()) return;
  std::ranges::sort(calls_, {}, &Call::index);
  for (const Call& call : calls_) write_call(call);
  calls_.clear();
}

void GeminiCandidateWriter::write_call(const Call& call) {
  begin_part();
  thinking_ = false;
  parts_ += R"({"functionCall":{)";
  if (!call.id.empty()) {
    parts_ += R"("id":)";
    append_string(parts_, call.id);
    parts_ += ',';
  }
  parts_ += R"("name":)";
  append_string(parts_, call.name);
  parts_ += R"(,"args":)";
  const std::string_view arguments = text::trim(call.arguments);
  const auto object = reader().parse(arguments.empty() ? "{}" : arguments);
  if (call.kind == ToolKind::Custom) {
    parts_ += R"({"input":)";
    append_string(parts_, call.arguments);
    parts_ += '}';
  } else if (object && object->kind() == json::Kind::Object) {
    append_line(parts_, object->raw());
  } else {
    // A call that was cut off, or a model's mistake.
    parts_ += R"({"arguments":)";
    append_string(parts_, call.arguments);
    parts_ += '}';
  }
  parts_ += '}';
  if (!call.signature.empty()) {
    parts_ += R"(,"thoughtSignature":)";
    append_string(parts_, call.signature);
  }
  parts_ += '}';
}

void GeminiCandidateWriter::media(std::string_view media_type, std::string_view base64) {
  begin_part();
  parts_ += R"({"inlineData":{"mimeType":)";
  append_string(parts_, media_type);
  parts_ += R"(,"data":)";
  append_string(parts_, base64);
  parts_ += "}}";
}

void GeminiCandidateWriter::file(const Media& media) {
  begin_part();
  parts_ += R"({"fileData":{)";
  if (!media.media_type.empty()) {
    parts_ += R"("mimeType":)";
    append_string(parts_, media.media_type);
    parts_ += ',';
  }
  parts_ += R"("fileUri":)";
  append_string(parts_, media.data);
  parts_ += "}}";
}

void GeminiCandidateWriter::foreign(const Foreign& block) {
  if (block.of != Dialect::Gemini) return;
  begin_part();
  append_line(parts_, block.json);
}

void GeminiCandidateWriter::cite(const Citation& citation) {
  if (citation.of == Dialect::Gemini && grounded_) return;
  const auto same = std::ranges::find_if(sources_, [&](const Source& source) {
    return source.url == citation.url && source.title == citation.title;
  });
  const auto source = static_cast<std::size_t>(same - sources_.begin());
  if (same == sources_.end())
    sources_.push_back({std::string(citation.url), std::string(citation.title)});
  supports_.push_back({source, citation.begin, citation.end});
}

void GeminiCandidateWriter::logprobs(const LogprobsDelta& delta) {
  const auto content = reader().parse(delta.content);
  if (!content || content->kind() != json::Kind::Array) return;
  members_ += R"(,"logprobsResult":)";
  json::Writer out(members_);
  out.begin_object().key("topCandidates").begin_array();
  for (const json::Value token : content->elements()) {
    out.begin_object().key("candidates").begin_array();
    if (const auto tops = token.find("top_logprobs")) {
      for (const json::Value top : tops->elements()) write_token(out, top);
    }
    out.end_array().end_object();
  }
  out.end_array().key("chosenCandidates").begin_array();
  for (const json::Value token : content->elements()) write_token(out, token);
  out.end_array().end_object();
}

void GeminiCandidateWriter::member(std::string_view name, std::string_view json) {
  grounded_ |= name == "groundingMetadata" || name == "citationMetadata";
  members_ += ',';
  append_string(members_, name);
  members_ += ':';
  append_line(members_, json);
}

void GeminiCandidateWriter::stopped(const ReplyStopped& stopped) {
  finish_ = gemini_finish_name(stopped.reason, stopped.native);
}

void GeminiCandidateWriter::write_grounding(std::string& out) const {
  out += R"(,"groundingMetadata":)";
  json::Writer writer(out);
  writer.begin_object().key("groundingChunks").begin_array();
  for (const Source& source : sources_) {
    writer.begin_object().key("web").begin_object();
    writer.member("uri", source.url).member("title", source.title);
    writer.end_object().end_object();
  }
  writer.end_array().key("groundingSupports").begin_array();
  for (const Support& support : supports_) {
    const auto begin = support.begin < 0 ? std::nullopt : byte_of(spoken_, support.begin);
    const auto end = support.end < 0 ? std::nullopt : byte_of(spoken_, support.end);
    writer.begin_object().key("segment").begin_object();
    if (begin && end && *begin <= *end) {
      writer.member("startIndex", *begin).member("endIndex", *end);
      writer.member("text", std::string_view(spoken_).substr(*begin, *end - *begin));
    }
    writer.end_object().key("groundingChunkIndices").begin_array();
    writer.value(support.source).end_array().end_object();
  }
  writer.end_array().end_object();
}

void GeminiCandidateWriter::write(bool last, std::string& out) {
  if (last) write_calls();
  close_text();
  out += R"({"content":{"parts":[)";
  out += parts_.empty() ? std::string_view(R"({"text":""})") : std::string_view(parts_);
  out += R"(],"role":"model"})";
  if (last) {
    out += R"(,"finishReason":")";
    out += finish_.empty() ? "STOP" : finish_;
    out += '"';
  }
  out += R"(,"index":)";
  json::Writer(out).value(index_);
  out += members_;
  if (last && !sources_.empty()) write_grounding(out);
  out += '}';
  parts_.clear();
  members_.clear();
}

}  // namespace sluice::dialect
