#include "ledger/bpe_encoder.h"

#include "unit/ledger/documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>
#include <string>
#include <vector>

namespace sluice::ledger {
namespace {

const Vocabulary& vocabulary(Encoding encoding) {
  static const Vocabulary vocabularies[] = {
      {inflate_ranks(Encoding::Cl100k), ranks_size(Encoding::Cl100k)},
      {inflate_ranks(Encoding::O200k), ranks_size(Encoding::O200k)}};
  return vocabularies[static_cast<std::size_t>(encoding)];
}
constexpr Encoding kBoth[] = {Encoding::Cl100k, Encoding::O200k};

// What the encoding is by definition: of all neighbours, join those of the lowest rank, the first
// of them, until none can be joined.
std::vector<Token> joined_by_rank(const Vocabulary& tokens, std::string_view text) {
  std::vector<std::string> parts;
  for (const char byte : text) parts.emplace_back(1, byte);
  while (true) {
    Token best = kNoToken;
    std::size_t at = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      const Token joined = tokens.find(parts[i] + parts[i + 1]);
      if (joined < best) best = joined, at = i;
    }
    if (best == kNoToken) break;
    parts[at] += parts[at + 1];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
  std::vector<Token> found;
  found.reserve(parts.size());
  for (const auto& part : parts) found.push_back(tokens.find(part));
  return found;
}

std::vector<Token> encoded(const Vocabulary& tokens, std::string_view text) {
  PieceEncoder encoder(tokens);
  const auto found = encoder.encode(text);
  return {found.begin(), found.end()};
}

TEST(Vocabulary, HasEveryTokenUnderItsBytes) {
  for (const auto encoding : kBoth) {
    const auto& tokens = vocabulary(encoding);
    ASSERT_EQ(tokens.size(), encoding == Encoding::O200k ? 199'998U : 100'256U);
    EXPECT_EQ(tokens.longest_length(), 128U);
    std::size_t wrong = 0;
    for (Token token = 0; token < tokens.size(); ++token) {
      wrong += tokens.find(tokens.bytes(token)) == token ? 0 : 1;
      wrong += tokens.longest(tokens.bytes(token)) == token ? 0 : 1;
    }
    EXPECT_EQ(wrong, 0U);
  }
}

TEST(Vocabulary, FindsNothingThatIsNoToken) {
  const auto& tokens = vocabulary(Encoding::O200k);
  EXPECT_EQ(tokens.find(""), kNoToken);
  EXPECT_EQ(tokens.find("qzqzq"), kNoToken);
  EXPECT_EQ(tokens.find(std::string(129, ' ')), kNoToken);
}

TEST(Vocabulary, ShortensATokenToTheLongestOneItBeginsWith) {
  const auto& tokens = vocabulary(Encoding::Cl100k);
  EXPECT_EQ(tokens.shorter(tokens.find("a")), kNoToken);
  for (Token token = 256; token < 5'000; ++token) {
    const auto bytes = tokens.bytes(token);
    auto length = bytes.size() - 1;
    while (tokens.find(bytes.substr(0, length)) == kNoToken) --length;
    EXPECT_EQ(tokens.bytes(tokens.shorter(token)), bytes.substr(0, length));
  }
}

TEST(Vocabulary, TakesNoMoreMemoryThanItsHeaderSays) {
  EXPECT_LE(vocabulary(Encoding::O200k).footprint(), 10'000'000U);
  EXPECT_LE(vocabulary(Encoding::Cl100k).footprint(), 5'100'000U);
}

TEST(PieceEncoder, JoinsWhatTheRanksSayIsJoinedFirst) {
  constexpr std::string_view kAlphabets[] = {"ab",          "aAeEsSt ",     "0123456789abcdef",
                                             "\n \t{}();=", "etaoinshrdlu", "\xE4\xB8\xAD\xE6\x96"};
  Random random(7);
  for (const auto encoding : kBoth) {
    const auto& tokens = vocabulary(encoding);
    for (int round = 0; round < 600; ++round) {
      const auto alphabet = random.one_of(kAlphabets);
      std::string text;
      for (auto length = 1 + random.below(120); length > 0; --length) {
        text += random.one_of(alphabet);
      }
      EXPECT_EQ(encoded(tokens, text), joined_by_rank(tokens, text)) << text;
    }
  }
}

TEST(PieceEncoder, JoinsTokensPutTogetherAsTheRanksSay) {
  Random random(11);
  for (const auto encoding : kBoth) {
    const auto& tokens = vocabulary(encoding);
    for (int round = 0; round < 1'500; ++round) {
      std::string text;
      for (auto count = 2 + random.below(5); count > 0; --count) {
        text += tokens.bytes(random.below(tokens.size()));
      }
      EXPECT_EQ(encoded(tokens, text), joined_by_rank(tokens, text)) << text;
    }
  }
}

std::uint64_t considered(Encoding encoding, std::string_view text) {
  PieceEncoder encoder(vocabulary(encoding));
  encoder.encode(text);
  return encoder.considered();
}

// A number of steps, not a time: what each takes is bounded by the longest token. Rows of dashes
// ask for the most, as every row of up to a hundred is a token.
TEST(PieceEncoder, TakesStepsInProportionToTheLengthWhateverTheText) {
  constexpr std::string_view kUnits[] = {"-",    "=",        "/",   "a",   "ab",   "aaab",  " ",
                                         "\n",   "0",        "aab", "-=",  "\xFF", "ation", "zqx",
                                         "  \n", "abcdefgh", "字",  "%%)", "_a_"};
  for (const auto encoding : kBoth) {
    for (const auto unit : kUnits) {
      std::string text;
      while (text.size() < 200'000) text += unit;
      const auto once = considered(encoding, text);
      EXPECT_LE(once, 30 * text.size()) << unit;
      EXPECT_LE(considered(encoding, text + text), once * 21 / 10) << unit;
    }
    Random random(3);
    std::string noise;
    while (noise.size() < 200'000) noise += static_cast<char>('a' + random.below(26));
    EXPECT_LE(considered(encoding, noise), 4 * noise.size());
  }
}

}  // namespace
}  // namespace sluice::ledger
