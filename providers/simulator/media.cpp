// Pictures and sound: /v1/images/*, /v1/audio/*.
#include "providers/simulator/ask_parts.h"
#include "providers/simulator/endpoints.h"
#include "providers/simulator/json_text.h"
#include "providers/simulator/tokens.h"

#include <array>
#include <cstdint>

namespace sluice::providers::simulator {
namespace {

constexpr std::size_t kMostPictures = 10;
constexpr std::size_t kPictureTokens = 1;

// One grey pixel.
constexpr std::string_view kPicture =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==";

constexpr std::uint32_t kSamplesPerSecond = 8000;
constexpr std::uint32_t kSamples = kSamplesPerSecond / 10;

void append_little_endian(std::string& out, std::uint32_t number, int bytes) {
  for (int byte = 0; byte < bytes; ++byte) out += static_cast<char>(number >> (8 * byte) & 0xFF);
}

// RIFF: a header of 44 bytes, then 8-bit samples of one channel.
std::string make_wave() {
  std::string wave = "RIFF";
  append_little_endian(wave, 36 + kSamples, 4);
  wave += "WAVEfmt ";
  append_little_endian(wave, 16, 4);
  append_little_endian(wave, 1, 2);  // PCM.
  append_little_endian(wave, 1, 2);  // One channel.
  append_little_endian(wave, kSamplesPerSecond, 4);
  append_little_endian(wave, kSamplesPerSecond, 4);
  append_little_endian(wave, 1, 2);
  append_little_endian(wave, 8, 2);
  wave += "data";
  append_little_endian(wave, kSamples, 4);
  // A triangle of 16 samples: 500 Hz.
  for (std::uint32_t sample = 0; sample < kSamples; ++sample) {
    const auto phase = sample % 16;
    wave += static_cast<char>(64 + 16 * (phase < 8 ? phase : 16 - phase));
  }
  return wave;
}

}  // namespace

Result<Made> images(Call& call) {
  std::size_t pictures = 1;
  std::size_t prompt_tokens = 0;
  bool url = false;
  if (call.root != nullptr) {
    const auto prompt = call.root->find("prompt");
    if (!is_set(prompt)) return missing("prompt");
    prompt_tokens = count_pieces(string_of(prompt, call.arena));
    TRY_VOID(read_count(call.root->find("n"), "n", 1, kMostPictures, pictures));
    const auto format = call.root->find("response_format");
    url = is_set(format) && *format == "url";
  }
  Made made;
  auto& out = made.body;
  append(out, R"({"created":)", call.identity.created, R"(,"data":[)");
  for (std::size_t picture = 0; picture < pictures; ++picture) {
    if (picture > 0) out += ',';
    url ? append(out, R"({"url":"data:image/png;base64,)", kPicture, R"("})")
        : append(out, R"({"b64_json":")", kPicture, R"("})");
  }
  out += ']';
  const auto made_tokens = kPictureTokens * pictures;
  if (call.order.knobs.usage) {
    append(out, R"(,"usage":{"total_tokens":)", prompt_tokens + made_tokens, R"(,"input_tokens":)",
           prompt_tokens, R"(,"output_tokens":)", made_tokens,
           R"(,"input_tokens_details":{"text_tokens":)", prompt_tokens, R"(,"image_tokens":0}})");
  }
  out += '}';
  return made;
}

Result<Made> speech(Call& call) {
  if (!is_set(call.root->find("input"))) return missing("input");
  return Made{.body = make_wave(), .events = nullptr, .content_type = "audio/wav"};
}

Result<Made> transcriptions(Call& call) {
  Made made;
  append(made.body, R"({"text":"A recording of )", call.body_size, R"( bytes."})");
  return made;
}

}  // namespace sluice::providers::simulator
