#include "dialect/request_needs.h"

#include "dialect/translate.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <initializer_list>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sluice::dialect {
namespace {

constexpr std::uint32_t bits(std::initializer_list<Ability> abilities) {
  Abilities all;
  for (const Ability ability : abilities) all.add(ability);
  return all.bits();
}

constexpr std::uint32_t in(std::initializer_list<Dialect> dialects) {
  std::uint32_t all = 0;
  for (const Dialect dialect : dialects) all |= 1U << static_cast<unsigned>(dialect);
  return all;
}

constexpr std::uint32_t kChat = in({Dialect::Chat});
constexpr std::uint32_t kCompletions = in({Dialect::Completions});
constexpr std::uint32_t kResponses = in({Dialect::Responses});
constexpr std::uint32_t kMessages = in({Dialect::Messages});
constexpr std::uint32_t kGemini = in({Dialect::Gemini});
constexpr std::uint32_t kConverse = in({Dialect::Converse});
// Where an assistant's turn at the end is the beginning of the answer.
constexpr std::uint32_t kContinues = kMessages | kConverse;

constexpr std::uint32_t kMedia =
    bits({Ability::ImagesIn, Ability::DocumentsIn, Ability::AudioIn, Ability::VideoIn});
constexpr std::uint32_t kJson = bits({Ability::JsonObject, Ability::JsonSchema});
constexpr std::uint32_t kSchema = bits({Ability::JsonSchema});
constexpr std::uint32_t kOtherModes = bits({Ability::ImagesOut, Ability::AudioOut});
constexpr std::uint32_t kThoughts = bits({Ability::Reasoning});

enum class Says : std::uint8_t { Need, Assistant, Other };

struct Marker {
  std::string_view word;  // Of lower case letters at its beginning.
  std::uint32_t dialects;
  std::uint32_t needs;
  Says says = Says::Need;
};

// By their first letters.
constexpr std::array kMarkers{
    Marker{"assistant", kContinues, 0, Says::Assistant},
    Marker{"audio", kConverse, bits({Ability::AudioIn})},
    Marker{"audio_url", kChat, bits({Ability::AudioIn})},
    Marker{"candidateCount", kGemini, bits({Ability::Choices})},
    Marker{"candidate_count", kGemini, bits({Ability::Choices})},
    Marker{"document", kMessages | kConverse, bits({Ability::DocumentsIn})},
    Marker{"document_url", kChat, kMedia},
    Marker{"effort", kMessages, kThoughts},
    Marker{"enable_thinking", kChat, kThoughts},
    Marker{"file", kChat, kMedia},
    Marker{"fileData", kGemini, kMedia},
    Marker{"file_data", kGemini, kMedia},
    Marker{"file_url", kChat, kMedia},
    Marker{"functions", kChat, bits({Ability::Tools})},
    Marker{"image", kMessages | kConverse, bits({Ability::ImagesIn})},
    Marker{"image_url", kChat, bits({Ability::ImagesIn})},
    Marker{"include_reasoning", kChat, kThoughts},
    Marker{"inlineData", kGemini, kMedia},
    Marker{"inline_data", kGemini, kMedia},
    Marker{"input_audio", kChat | kResponses, bits({Ability::AudioIn})},
    Marker{"input_file", kResponses, kMedia},
    Marker{"input_image", kResponses, bits({Ability::ImagesIn})},
    Marker{"json_object", kChat | kResponses, kJson},
    Marker{"json_schema", kChat | kResponses | kMessages, kJson},
    Marker{"logprobs", kChat | kCompletions, bits({Ability::Logprobs})},
    Marker{"message.output_text.logprobs", kResponses, bits({Ability::Logprobs})},
    Marker{"modalities", kChat, kOtherModes},
    Marker{"n", kChat | kCompletions, bits({Ability::Choices})},
    Marker{"output_config", kConverse, kThoughts},
    Marker{"parallel_tool_calls", kChat | kResponses, bits({Ability::ParallelTools})},
    Marker{"partial", kChat, bits({Ability::Prefill})},
    Marker{"prefix", kChat, bits({Ability::Prefill})},
    Marker{"reasoning", kChat | kResponses, kThoughts},
    Marker{"reasoningConfig", kConverse, kThoughts},
    Marker{"reasoning_effort", kChat | kConverse, kThoughts},
    Marker{"responseJsonSchema", kGemini, kJson},
    Marker{"responseLogprobs", kGemini, bits({Ability::Logprobs})},
    Marker{"responseMimeType", kGemini, kJson},
    Marker{"responseModalities", kGemini, kOtherModes},
    Marker{"responseSchema", kGemini, kJson},
    Marker{"response_json_schema", kGemini, kJson},
    Marker{"response_logprobs", kGemini, bits({Ability::Logprobs})},
    Marker{"response_mime_type", kGemini, kJson},
    Marker{"response_modalities", kGemini, kOtherModes},
    Marker{"response_schema", kGemini, kJson},
    Marker{"textFormat", kConverse, kSchema},
    Marker{"thinking", kChat | kMessages | kConverse, kThoughts},
    Marker{"thinkingConfig", kGemini, kThoughts},
    Marker{"thinking_budget", kChat, kThoughts},
    Marker{"thinking_config", kGemini, kThoughts},
    Marker{"toolSpec", kConverse, bits({Ability::Tools})},
    Marker{"tools", kChat | kResponses | kMessages | kGemini, bits({Ability::Tools})},
    Marker{"top_logprobs", kChat | kResponses, bits({Ability::Logprobs})},
    Marker{"user", kContinues, 0, Says::Other},
    Marker{"video", kConverse, bits({Ability::VideoIn})},
    Marker{"video_url", kChat, bits({Ability::VideoIn})},
};
static_assert(std::ranges::is_sorted(kMarkers, {},
                                     [](const Marker& marker) { return marker.word.front(); }));

constexpr std::size_t kLetters = 26;

// What a word may begin with, so that nearly all others are passed over by one look.
struct Beginnings {
  std::array<std::uint8_t, kLetters + 1> first{};  // Of the markers with this first letter.
  std::array<std::uint32_t, kLetters> second{};    // A bit for each second byte, by its low half.
};

constexpr std::uint32_t second_bit(char byte) {
  return std::uint32_t{1} << (static_cast<unsigned char>(byte) & 31U);
}

constexpr Beginnings beginnings_of(std::uint32_t dialect) {
  Beginnings found;
  for (std::size_t letter = 0; letter < kLetters; ++letter) {
    const char front = static_cast<char>('a' + letter);
    std::size_t at = found.first[letter];
    for (; at < kMarkers.size() && kMarkers[at].word.front() == front; ++at) {
      const Marker& marker = kMarkers[at];
      if ((marker.dialects & dialect) == 0) continue;
      found.second[letter] |= second_bit(marker.word.size() > 1 ? marker.word[1] : '"');
    }
    found.first[letter + 1] = static_cast<std::uint8_t>(at);
  }
  return found;
}

constexpr auto kBeginnings = [] {
  std::array<Beginnings, kDialects> all{};
  for (std::size_t i = 0; i < kDialects; ++i) all[i] = beginnings_of(1U << i);
  return all;
}();

constexpr bool is_space(char byte) {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

std::string_view without_space(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

// Values that are as good as none.
bool is_nothing(std::string_view value, std::uint32_t needs) {
  if (value.starts_with("null") || value.starts_with("false") || value.starts_with("[]"))
    return true;
  if (needs != bits({Ability::Choices}) || !value.starts_with('1')) return false;
  const char next = value.size() > 1 ? value[1] : '0';
  return next == ',' || next == '}' || is_space(next);
}

class Scan {
 public:
  Scan(std::string_view body, Dialect dialect)
      : body_(body),
        dialect_(1U << static_cast<unsigned>(dialect)),
        beginnings_(kBeginnings[static_cast<std::size_t>(dialect)]) {}

  Abilities needs() {
    const std::size_t size = body_.size();
    std::size_t at = 0;
#if defined(__SSE2__)
    for (; at + kStep < size; at += kStep) look_at_all(at, words_at(at));
    if (size > kStep && at + 1 < size) {
      // The last ones: of those that were seen before, none is looked at again.
      const std::size_t last = size - kStep - 1;
      look_at_all(last, words_at(last) >> (at - last) << (at - last));
      at = size;
    }
#endif
    for (; at + 1 < size; ++at) {
      if (body_[at] == '"') look(at + 1);
    }
    Abilities found(needs_);
    if (assistant_last_) found.add(Ability::Prefill);
    return found;
  }

 private:
#if defined(__SSE2__)
  static constexpr std::size_t kStep = 64;

  void look_at_all(std::size_t at, std::uint64_t words) {
    for (; words != 0; words &= words - 1)
      look(at + 1 + static_cast<std::size_t>(std::countr_zero(words)));
  }

  // A bit for each of 64 bytes that is a quote before a lower case letter.
  std::uint64_t words_at(std::size_t at) const {
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i up = _mm_set1_epi8(0x7f - 'z');
    const __m128i below = _mm_set1_epi8(0x7f - 'z' + 'a' - 1);
    std::uint64_t found = 0;
    for (unsigned part = 0; part < 4; ++part) {
      const char* const from = body_.data() + at + std::size_t{16} * part;
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
      const __m128i next = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 1));
      const __m128i letters = _mm_cmpgt_epi8(_mm_add_epi8(next, up), below);
      const __m128i words = _mm_and_si128(_mm_cmpeq_epi8(bytes, quote), letters);
      found |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(words))} << (16 * part);
    }
    return found;
  }
#endif

  void look(std::size_t word) {
    const auto letter = static_cast<std::size_t>(static_cast<unsigned char>(body_[word]) - 'a');
    if (letter >= kLetters || word + 1 >= body_.size()) return;
    if ((beginnings_.second[letter] & second_bit(body_[word + 1])) == 0) return;
    compare(body_.substr(word), letter);
  }

  void compare(std::string_view rest, std::size_t letter) {
    for (std::size_t i = beginnings_.first[letter]; i < beginnings_.first[letter + 1]; ++i) {
      const Marker& marker = kMarkers[i];
      if ((marker.dialects & dialect_) == 0 || !rest.starts_with(marker.word)) continue;
      const std::size_t size = marker.word.size();
      if (size < rest.size() && rest[size] == '"') return take(marker, rest.substr(size + 1));
    }
  }

  void take(const Marker& marker, std::string_view rest) {
    rest = without_space(rest);
    const bool is_key = rest.starts_with(':');
    if (marker.says != Says::Need) {
      if (!is_key) assistant_last_ = marker.says == Says::Assistant;
      return;
    }
    if (is_key && is_nothing(without_space(rest.substr(1)), marker.needs)) return;
    needs_ |= marker.needs;
  }

  std::string_view body_;
  std::uint32_t dialect_;
  const Beginnings& beginnings_;
  std::uint32_t needs_ = 0;
  bool assistant_last_ = false;
};

// ---- What is asked, exactly

class Needs {
 public:
  Needs(const Conversation& conversation, Dialect dialect)
      : asked_(conversation), dialect_(dialect) {}

  Abilities all() {
    for (const Turn& turn : asked_.turns) parts(turn.parts);
    tools();
    set(Ability::JsonObject, asked_.format.kind == OutputFormat::Kind::JsonObject);
    set(Ability::JsonSchema, asked_.format.kind == OutputFormat::Kind::JsonSchema);
    set(Ability::Reasoning, wants_thoughts());
    set(Ability::Logprobs, asked_.logprobs.value_or(false) || asked_.top_logprobs.value_or(0) > 0);
    set(Ability::Choices, asked_.choices.value_or(1) > 1);
    set(Ability::ImagesOut, asked_.images_wanted);
    set(Ability::AudioOut, asked_.spoken.wanted);
    set(Ability::Prefill, !asked_.turns.empty() && is_begun(asked_.turns.back()));
    return found_;
  }

 private:
  void set(Ability ability, bool is_needed) {
    if (is_needed) found_.add(ability);
  }

  void parts(std::span<const Part> list) {
    for (const Part& part : list) {
      if (const auto* media = std::get_if<Media>(&part.what)) see(*media);
      if (const auto* result = std::get_if<ToolResult>(&part.what)) parts(result->parts);
    }
  }

  void see(const Media& media) {
    if (media.source == MediaSource::PlainText) return;  // Can be told as any other text.
    constexpr std::array kKinds{Ability::ImagesIn, Ability::DocumentsIn, Ability::AudioIn,
                                Ability::VideoIn};
    found_.add(kKinds[static_cast<std::size_t>(media.kind)]);
  }

  // What the provider runs itself is no tool that the model is given.
  void tools() {
    if (asked_.tool_choice.kind == ToolChoice::Kind::None) return;
    const auto is_given = [](const Tool& tool) { return tool.kind != ToolKind::BuiltIn; };
    if (std::ranges::none_of(asked_.tools, is_given)) return;
    found_.add(Ability::Tools);
    set(Ability::ParallelTools, asked_.tool_choice.parallel.value_or(false));
  }

  bool wants_thoughts() const {
    const Reasoning& wish = asked_.reasoning;
    return wish.kind != Reasoning::Kind::NotGiven && wish.kind != Reasoning::Kind::Off &&
           wish.effort != "none";
  }

  // The answer is to go on from this turn.
  bool is_begun(const Turn& turn) const {
    if (turn.role != Role::Assistant) return false;
    if (dialect_ == Dialect::Messages || dialect_ == Dialect::Converse) return true;
    return dialect_ == Dialect::Chat && std::ranges::any_of(turn.extras, [](const Extra& extra) {
             return (extra.name == "prefix" || extra.name == "partial") && extra.json == "true";
           });
  }

  const Conversation& asked_;
  Dialect dialect_;
  Abilities found_;
};

constexpr std::array<std::string_view, kAbilities> kWords{
    "tools",        "parallel_tools", "json_object", "json_schema", "reasoning",    "prefill",
    "prompt_cache", "logprobs",       "choices",     "images_in",   "documents_in", "audio_in",
    "video_in",     "images_out",     "audio_out",   "system_turns"};

}  // namespace

Abilities possible_needs(std::string_view body, Dialect dialect) {
  return Scan(body, dialect).needs();
}

Abilities needs_of(const Conversation& conversation, Dialect dialect) {
  return Needs(conversation, dialect).all();
}

Abilities needs_of(Context& context, Request& request, Abilities possible) {
  if (possible == Abilities() || !read_conversation(context, request)) return {};
  return needs_of(*request.conversation, request.dialect());
}

std::string_view ability_word(Ability ability) {
  return kWords[static_cast<std::size_t>(ability)];
}

}  // namespace sluice::dialect
