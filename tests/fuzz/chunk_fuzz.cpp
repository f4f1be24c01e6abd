// Chunks: cuts change nothing, nothing comes out that did not go in, and what we write is read
// back.
#include "net/http1/chunk.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace sluice::net::http1 {
namespace {

using Kind = ChunkStep::Kind;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Decoded {
  Kind end = Kind::NeedMore;
  std::string body;
  std::size_t used = 0;
  bool operator==(const Decoded&) const = default;
};

template <class NextSize>
Decoded decode(std::string_view text, NextSize next_size) {
  Decoded decoded;
  ChunkDecoder decoder;
  while (decoded.used < text.size() && decoded.end == Kind::NeedMore) {
    const auto given = text.substr(decoded.used, next_size());
    auto input = given;
    while (true) {
      const auto before = input;
      const auto step = decoder.next(input);
      require(input.size() <= before.size() &&
              input.data() + input.size() == before.data() + before.size());
      if (step.kind != Kind::Data) {
        decoded.end = step.kind;
        require(step.kind != Kind::NeedMore || input.empty());
        require(decoder.done() == (step.kind == Kind::End));
        break;
      }
      require(!step.data.empty());
      require(step.data.data() >= before.data() &&
              step.data.data() + step.data.size() == input.data());
      decoded.body += step.data;
    }
    decoded.used += given.size() - input.size();
  }
  require(decoded.body.size() <= decoded.used);
  return decoded;
}

std::string encode(std::string_view body, std::uint32_t seed) {
  std::string text;
  while (!body.empty()) {
    seed = seed * 1664525U + 1013904223U;
    const auto piece = body.substr(0, 1 + (seed >> 20U) % 300);
    body.remove_prefix(piece.size());
    std::array<char, kMaxChunkHead> head;
    text.append(head.data(), write_chunk_head(head.data(), piece.size()));
    text += piece;
    text += kChunkEnd;
  }
  text += kLastChunk;
  return text;
}

}  // namespace
}  // namespace sluice::net::http1

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::net::http1;
  if (size == 0) return 0;
  std::uint32_t seed = data[0];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto in_pieces = [&] {
    seed = seed * 1664525U + 1013904223U;
    return std::size_t{1} + (seed >> 24U) % 20;
  };

  const auto whole = decode(text, [] { return SIZE_MAX; });
  require(decode(text, [] { return std::size_t{1}; }) == whole);
  require(decode(text, in_pieces) == whole);

  const auto encoded = encode(text, data[0]);
  const auto back = decode(encoded + "next", in_pieces);
  require(back.end == Kind::End && back.body == text && back.used == encoded.size());
  return 0;
}
