#include "dialect/seals.h"

#include <array>

namespace sluice::dialect {
namespace {

constexpr std::array<std::string_view, kDialects> kNames = {
    "opaque", "openai", "completions", "chat",   "responses", "messages", "gemini", "converse",
    "cohere", "ollama", "replicate",   "voyage", "jina",      "predict",  "tei"};

}  // namespace

std::string_view seal_name(Dialect dialect) {
  return kNames[static_cast<std::size_t>(dialect)];
}

std::string_view carry_seal(const Sealed& seal, Dialect carrier, Arena& arena) {
  if (!seal.given() || seal.by == carrier) return seal.text;
  return arena.join(kSealMark, seal_name(seal.by), ":", seal.text);
}

void carry_seal(const Sealed& seal, Dialect carrier, std::string& out) {
  if (seal.given() && seal.by != carrier) out.append(kSealMark).append(seal_name(seal.by)) += ':';
  out.append(seal.text);
}

Sealed read_seal(std::string_view text, Dialect carrier) {
  if (!text.starts_with(kSealMark)) return {carrier, text};
  const std::string_view marked = text.substr(kSealMark.size());
  const std::size_t colon = marked.find(':');
  for (std::size_t i = 0; colon != std::string_view::npos && i < kNames.size(); ++i) {
    if (marked.substr(0, colon) == kNames[i])
      return {static_cast<Dialect>(i), marked.substr(colon + 1)};
  }
  return {carrier, text};
}

}  // namespace sluice::dialect
