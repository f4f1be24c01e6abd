// Citations and probabilities, which Gemini tells beside the text.
#include "base/json_writer.h"
#include "dialect/gemini_candidate.h"

#include <algorithm>
#include <optional>

namespace sluice::dialect {
namespace {

using json::Value;

std::string_view text_of(const std::optional<Value>& value, Meaning& meaning) {
  return value ? value->string(meaning.texts).value_or("") : std::string_view();
}

std::optional<std::int64_t> number_of(const std::optional<Value>& value) {
  return value ? value->integer() : std::nullopt;
}

std::optional<Value> element(const Value& list, std::int64_t index) {
  for (const Value value : list.elements()) {
    if (index-- == 0) return value;
  }
  return std::nullopt;
}

// Gemini counts bytes, we count characters.
std::int64_t characters(std::string_view text, std::int64_t bytes) {
  if (bytes < 0 || static_cast<std::size_t>(bytes) > text.size()) return -1;
  return std::ranges::count_if(text.substr(0, static_cast<std::size_t>(bytes)), [](char letter) {
    return (static_cast<unsigned char>(letter) & 0xC0) != 0x80;
  });
}

// A source: {"web": {uri, title}}, {"retrievedContext": {uri, title, text}}, {"maps": …}
Citation source_of(const Value& chunk, Meaning& meaning) {
  Citation citation{.of = Dialect::Gemini, .json = chunk.raw()};
  for (const auto [key, source] : chunk.members()) {
    citation.url = text_of(source.find("uri"), meaning);
    citation.title = text_of(source.find("title"), meaning);
    citation.cited = text_of(source.find("text"), meaning);
    break;
  }
  return citation;
}

void write_candidate(json::Writer& out, const Value& candidate, Meaning& meaning) {
  out.member("token", text_of(candidate.find("token"), meaning));
  out.key("logprob");
  if (const auto logprob = candidate.find("logProbability")) {
    out.raw(logprob->raw());
  } else {
    out.value(0);
  }
  out.key("bytes").null();
}

}  // namespace

void GeminiCandidates::say_support(const Value& support, const Value& chunks, State& state,
                                   Meaning& meaning) {
  const auto segment = support.find("segment");
  const auto indices = support.find("groundingChunkIndices");
  if (!segment || !indices) return;
  const std::int64_t begin = number_of(segment->find("startIndex")).value_or(0);
  const auto end = number_of(segment->find("endIndex"));
  for (const Value index : indices->elements()) {
    const auto chunk = element(chunks, index.integer().value_or(-1));
    if (!chunk) continue;
    Citation citation = source_of(*chunk, meaning);
    if (end) {
      citation.begin = characters(state.text, begin);
      citation.end = characters(state.text, *end);
      if (citation.begin < 0 || citation.end < 0) citation.begin = citation.end = -1;
    }
    meaning.events.push_back(CitationMade{state.index, citation});
  }
}

void GeminiCandidates::say_grounding(const Value& grounding, State& state, Meaning& meaning) {
  meaning.events.push_back(ReplyExtra{{Dialect::Gemini, "groundingMetadata", grounding.raw()}});
  const auto chunks = grounding.find("groundingChunks");
  if (!chunks) return;
  // Chunks of a stream repeat what was grounded before.
  std::size_t count = 0;
  const auto supports = grounding.find("groundingSupports");
  if (supports) {
    for (const Value support : supports->elements()) {
      if (++count > state.citations) say_support(support, *chunks, state, meaning);
    }
  } else {
    for (const Value chunk : chunks->elements()) {
      if (++count > state.citations)
        meaning.events.push_back(CitationMade{state.index, source_of(chunk, meaning)});
    }
  }
  state.citations = std::max(state.citations, count);
}

void GeminiCandidates::say_citations(const Value& citations, State& state, Meaning& meaning) {
  meaning.events.push_back(ReplyExtra{{Dialect::Gemini, "citationMetadata", citations.raw()}});
  auto sources = citations.find("citationSources");
  if (!sources) sources = citations.find("citations");
  if (!sources) return;
  for (const Value source : sources->elements()) {
    Citation citation{.of = Dialect::Gemini, .json = source.raw()};
    citation.url = text_of(source.find("uri"), meaning);
    citation.title = text_of(source.find("title"), meaning);
    if (const auto end = number_of(source.find("endIndex"))) {
      citation.begin = characters(state.text, number_of(source.find("startIndex")).value_or(0));
      citation.end = characters(state.text, *end);
      if (citation.begin < 0 || citation.end < 0) citation.begin = citation.end = -1;
    }
    meaning.events.push_back(CitationMade{state.index, citation});
  }
}

// As OpenAI's chat says them: the chosen tokens, each with those that were considered.
void GeminiCandidates::say_logprobs(const Value& result, std::uint32_t choice, Meaning& meaning) {
  const auto chosen = result.find("chosenCandidates");
  if (!chosen) return;
  std::vector<Value> tops;
  if (const auto all = result.find("topCandidates")) {
    for (const Value top : all->elements()) tops.push_back(top);
  }
  json::Writer out(meaning.texts);
  out.begin_array();
  std::size_t at = 0;
  for (const Value token : chosen->elements()) {
    out.begin_object();
    write_candidate(out, token, meaning);
    out.key("top_logprobs").begin_array();
    const auto considered = at < tops.size() ? tops[at].find("candidates") : std::nullopt;
    if (considered) {
      for (const Value other : considered->elements()) {
        out.begin_object();
        write_candidate(out, other, meaning);
        out.end_object();
      }
    }
    out.end_array().end_object();
    ++at;
  }
  out.end_array();
  meaning.events.push_back(LogprobsDelta{.choice = choice, .content = out.text()});
}

}  // namespace sluice::dialect
