#include "dialect/openai_responses_blocks.h"

#include "base/json_writer.h"
#include "dialect/openai_responses_parts.h"
#include "dialect/seals.h"

#include <algorithm>

namespace sluice::dialect::responses {

// ---- Frames

void Frames::begin(std::string_view type, std::string& out) {
  append(out, "event: ", type, "\ndata: {\"type\":\"", type, R"(","sequence_number":)",
         sequence_++);
}

void Frames::item(std::string_view type, std::size_t at, std::string_view json, std::string& out) {
  if (!stream_) return;
  begin(type, out);
  append(out, R"(,"output_index":)", at, R"(,"item":)", json);
  end(out);
}

void Frames::delta(std::string_view type, std::string_view place, std::string_view text,
                   std::string& out) {
  if (!stream_) return;
  begin(type, out);
  append(out, place, R"(,"delta":")");
  json::append_escaped(out, text);
  append(out, "\"");
  end(out);
}

void Frames::event(std::string_view type, std::string_view place, std::string_view rest,
                   std::string& out) {
  if (!stream_) return;
  begin(type, out);
  append(out, place, rest);
  end(out);
}

std::string Frames::item_id(std::string_view prefix, std::size_t at) const {
  std::string id(prefix);
  append(id, id_, "_", at);
  return id;
}

std::string Frames::place(std::string_view item_id, std::size_t at) {
  std::string place = R"(,"item_id":)";
  append_quoted(place, item_id);
  append(place, R"(,"output_index":)", at);
  return place;
}

// ---- Messages

void Message::text(std::string_view words, std::string_view logprobs, std::string& out) {
  open(Part::Text, out);
  words_.append(words);
  // An array's elements, without its brackets.
  std::string_view odds;
  if (logprobs.size() > 2) odds = logprobs.substr(1, logprobs.size() - 2);
  if (!odds.empty()) {
    if (!logprobs_.empty()) logprobs_ += ',';
    append_on_one_line(logprobs_, odds);
  }
  if (!frames_.stream()) return;
  frames_.begin("response.output_text.delta", out);
  append(out, place_, R"(,"delta":")");
  json::append_escaped(out, words);
  append(out, R"(","logprobs":[)");
  append_on_one_line(out, odds);
  append(out, "]");
  frames_.end(out);
}

void Message::refusal(std::string_view words, std::string& out) {
  open(Part::Refusal, out);
  words_.append(words);
  frames_.delta("response.refusal.delta", place_, words, out);
}

void Message::citation(const Citation& citation, std::string& out) {
  open(Part::Text, out);
  std::string json;
  if (citation.of == Dialect::Responses && !citation.json.empty()) {
    append_on_one_line(json, citation.json);
  } else if (citation.url.empty()) {
    json = R"({"type":"file_citation","file_id":)";
    append_quoted(json, citation.title);
    append(json, R"(,"filename":)");
    append_quoted(json, citation.title);
    append(json, R"(,"index":)", citation.end < 0 ? letters() : citation.end, "}");
  } else {
    const std::int64_t here = citation.end < 0 ? letters() : citation.end;
    append(json, R"({"type":"url_citation","start_index":)",
           citation.begin < 0 ? here : citation.begin, R"(,"end_index":)", here, R"(,"url":)");
    append_quoted(json, citation.url);
    append(json, R"(,"title":)");
    append_quoted(json, citation.title);
    json += '}';
  }
  std::string rest;
  append(rest, R"(,"annotation_index":)", cited_++, R"(,"annotation":)", json);
  frames_.event("response.output_text.annotation.added", place_, rest, out);
  if (!annotations_.empty()) annotations_ += ',';
  annotations_ += json;
}

std::int64_t Message::letters() const {
  return std::ranges::count_if(
      words_, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; });
}

void Message::open(Part part, std::string& out) {
  if (open_ && part_ == part) return;
  if (!open_) {
    open_ = true;
    parts_ = 0;
    at_ = frames_.add_item();
    id_ = frames_.item_id("msg", at_);
    frames_.item("response.output_item.added", at_, item_json("in_progress"), out);
  }
  close_part(out);
  part_ = part;
  place_ = Frames::place(id_, at_);
  append(place_, R"(,"content_index":)", parts_++);
  if (!frames_.stream()) return;
  frames_.event("response.content_part.added", place_, R"(,"part":)" + part_json(), out);
}

std::string Message::part_json() const {
  std::string json;
  if (part_ == Part::Refusal) {
    json = R"({"type":"refusal","refusal":)";
  } else {
    append(json, R"({"type":"output_text","annotations":[)", annotations_, R"(],"logprobs":[)",
           logprobs_, R"(],"text":)");
  }
  append_quoted(json, words_);
  json += '}';
  return json;
}

std::string Message::item_json(std::string_view status) const {
  std::string json = R"({"id":)";
  append_quoted(json, id_);
  append(json, R"(,"type":"message","status":")", status, R"(","content":[)", content_,
         R"(],"role":"assistant"})");
  return json;
}

void Message::close_part(std::string& out) {
  if (part_ == Part::None) return;
  const std::string part = part_json();
  if (frames_.stream()) {
    const bool refused = part_ == Part::Refusal;
    std::string rest = refused ? R"(,"refusal":)" : R"(,"text":)";
    append_quoted(rest, words_);
    if (!refused) append(rest, R"(,"logprobs":[)", logprobs_, "]");
    frames_.event(refused ? "response.refusal.done" : "response.output_text.done", place_, rest,
                  out);
    frames_.event("response.content_part.done", place_, R"(,"part":)" + part, out);
  }
  if (!content_.empty()) content_ += ',';
  content_ += part;
  part_ = Part::None;
  cited_ = 0;
  for (std::string* text : {&words_, &annotations_, &logprobs_}) text->clear();
}

void Message::close(std::string& out) {
  if (!open_) return;
  close_part(out);
  frames_.items[at_] = item_json(frames_.status);
  frames_.item("response.output_item.done", at_, frames_.items[at_], out);
  content_.clear();
  open_ = false;
}

// ---- Thoughts

void Thoughts::open(std::string& out) {
  if (open_) return;
  open_ = true;
  told_ = false;
  at_ = frames_.add_item();
  id_ = frames_.item_id("rs", at_);
  place_ = Frames::place(id_, at_) + R"(,"summary_index":0)";
  if (!frames_.stream()) return;
  std::string json = R"({"id":)";
  append_quoted(json, id_);
  append(json, R"(,"type":"reasoning","summary":[]})");
  frames_.item("response.output_item.added", at_, json, out);
}

void Thoughts::text(std::string_view words, std::string& out) {
  open(out);
  if (!told_) {
    told_ = true;
    frames_.event("response.reasoning_summary_part.added", place_,
                  R"(,"part":{"type":"summary_text","text":""})", out);
  }
  words_.append(words);
  frames_.delta("response.reasoning_summary_text.delta", place_, words, out);
}

void Thoughts::close(const Sealed& seal, std::string& out) {
  if (!open_ && !seal.given()) return;
  open(out);
  std::string sealed;
  carry_seal(seal, Dialect::Responses, sealed);
  done(sealed, out);
}

void Thoughts::seal_of_call(const Sealed& seal, std::string& out) {
  open(out);
  std::string sealed(kCallSeal);
  carry_seal(seal, Dialect::Responses, sealed);
  done(sealed, out);
}

void Thoughts::done(std::string_view sealed, std::string& out) {
  std::string part;
  if (told_) {
    part = R"({"type":"summary_text","text":)";
    append_quoted(part, words_);
    part += '}';
    std::string text = R"(,"text":)";
    append_quoted(text, words_);
    frames_.event("response.reasoning_summary_text.done", place_, text, out);
    frames_.event("response.reasoning_summary_part.done", place_, R"(,"part":)" + part, out);
  }
  std::string json = R"({"id":)";
  append_quoted(json, id_);
  append(json, R"(,"type":"reasoning","summary":[)", part, "]");
  if (!sealed.empty()) {
    append(json, R"(,"encrypted_content":)");
    append_quoted(json, sealed);
  }
  json += '}';
  frames_.items[at_] = std::move(json);
  frames_.item("response.output_item.done", at_, frames_.items[at_], out);
  words_.clear();
  open_ = false;
}

}  // namespace sluice::dialect::responses
