// POST /v1/embeddings
#include "providers/simulator/ask_parts.h"
#include "providers/simulator/base64.h"
#include "providers/simulator/endpoints.h"
#include "providers/simulator/json_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace sluice::providers::simulator {
namespace {

// The model, not the request, decides: the same text has the same vector in every request.
std::vector<float> vector_of(std::string_view text, std::size_t dimensions) {
  std::vector<float> numbers(dimensions);
  auto state = hash_of(text, dimensions);
  double square = 0;
  for (auto& number : numbers) {
    state = mixed(state);
    number = static_cast<float>(static_cast<std::int32_t>(state >> 32)) / 2147483648.0F;
    square += double(number) * number;
  }
  const auto length = static_cast<float>(std::sqrt(square));
  if (length > 0) {
    for (auto& number : numbers) number /= length;
  } else {
    numbers.front() = 1;
  }
  return numbers;
}

void append_floats(std::string& out, const std::vector<float>& numbers) {
  for (std::size_t at = 0; at < numbers.size(); ++at) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), numbers[at]).ptr;
    out += at == 0 ? '[' : ',';
    out.append(digits.data(), end);
  }
  out += ']';
}

}  // namespace

Result<Made> embeddings(Call& call) {
  constexpr std::size_t kMostInputs = 2048;
  TRY(const auto ask, read_inputs(*call.root, call.arena));
  if (ask.texts.size() > kMostInputs) return invalid("input", "at most 2048 inputs");
  auto dimensions = call.order.choice.count;
  TRY_VOID(read_count(call.root->find("dimensions"), "dimensions", 1,
                      call.order.choice.model->max_count, dimensions));
  const auto format = call.root->find("encoding_format");
  const bool base64 = is_set(format) && *format == "base64";
  if (is_set(format) && !base64 && *format != "float")
    return invalid("encoding_format", "float or base64");

  Made made;
  auto& out = made.body;
  out += R"({"object":"list","data":[)";
  for (std::size_t index = 0; index < ask.texts.size(); ++index) {
    const auto numbers = vector_of(ask.texts[index], dimensions);
    append(out, index == 0 ? "" : ",", R"({"object":"embedding","index":)", index,
           R"(,"embedding":)");
    if (base64) {
      out += '"';
      append_base64(
          out, {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)});
      out += '"';
    } else {
      append_floats(out, numbers);
    }
    out += '}';
  }
  out += R"(],"model":)";
  append_quoted(out, call.identity.model);
  if (call.order.knobs.usage) {
    append(out, R"(,"usage":{"prompt_tokens":)", ask.prompt_tokens, R"(,"total_tokens":)",
           ask.prompt_tokens, "}");
  }
  out += '}';
  return made;
}

}  // namespace sluice::providers::simulator
