#include "ledger/tokens.h"

#include "ledger/tokens_estimate.h"
#include "unit/ledger/documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace sluice::ledger {
namespace {

using testing::ElementsAre;

TEST(Tokens, AreThoseOfTheEncoding) {
  EXPECT_THAT(encode(Encoding::O200k, "Hello, world!"), ElementsAre(13225, 11, 2375, 0));
  EXPECT_THAT(encode(Encoding::Cl100k, "Hello, world!"), ElementsAre(9906, 11, 1917, 0));
  EXPECT_EQ(count_tokens(Encoding::O200k, ""), 0U);
}

TEST(Tokens, TakeTheNamesOfSpecialTokensForText) {
  EXPECT_EQ(count_tokens(Encoding::O200k, "<|endoftext|>"), 7U);
  EXPECT_EQ(count_tokens(Encoding::Cl100k, "<|endoftext|>"), 7U);
}

TEST(Tokens, OfWhatIsNoUtf8AreThoseOfReplacementCharacters) {
  const auto as = [](std::string_view text) { return encode(Encoding::O200k, text); };
  EXPECT_EQ(as("a\xFFz"), as("a\uFFFDz"));
  // Cut off after two and three bytes; overlong; a surrogate; beyond the last character.
  EXPECT_EQ(as("\xE2\x82 "), as("\uFFFD "));
  EXPECT_EQ(as("\xF0\x9F\x98"), as("\uFFFD"));
  EXPECT_EQ(as("\xC0\xAF"), as("\uFFFD\uFFFD"));
  EXPECT_EQ(as("\xE0\x80\x80"), as("\uFFFD\uFFFD\uFFFD"));
  EXPECT_EQ(as("\xED\xA0\x80"), as("\uFFFD\uFFFD\uFFFD"));
  EXPECT_EQ(as("\xF4\x90\x80\x80"), as("\uFFFD\uFFFD\uFFFD\uFFFD"));
}

TEST(Tokens, AreCountedByManyThreadsAtOnce) {
  const std::string text = "Many hands make light work.";
  std::vector<std::uint64_t> counts(4);
  {
    std::vector<std::jthread> threads;
    threads.reserve(counts.size());
    for (auto& count : counts) {
      threads.emplace_back([&count, &text] {
        count = count_tokens(Encoding::O200k, text) + count_tokens(Encoding::Cl100k, text);
      });
    }
  }
  EXPECT_THAT(counts, testing::Each(12U));
}

TEST(Tokens, KnowTheEncodingOfAModelByItsFamily) {
  for (const auto* model :
       {"gpt-4o", "gpt-4o-2024-08-06", "gpt-4o-mini-search-preview", "chatgpt-4o-latest", "gpt-4.1",
        "gpt-4.1-nano-2025-04-14", "gpt-4.5-preview", "gpt-5", "gpt-5-mini", "gpt-5.1-codex", "o1",
        "o1-pro", "o3-mini-2025-01-31", "o4-mini", "ft:gpt-4o-mini-2024-07-18:acme::abc",
        "openai/gpt-4o", "openai/gpt-oss-120b", "gpt-oss:20b", "openai.gpt-oss-20b-1:0"}) {
    EXPECT_EQ(encoding_of(model), Encoding::O200k) << model;
  }
  for (const auto* model : {"gpt-4", "gpt-4-0613", "gpt-4-turbo-2024-04-09", "gpt-4-32k",
                            "gpt-3.5-turbo", "gpt-35-turbo", "ft:gpt-3.5-turbo-0125:acme/x::id",
                            "text-embedding-3-small", "text-embedding-ada-002", "davinci-002"}) {
    EXPECT_EQ(encoding_of(model), Encoding::Cl100k) << model;
  }
  for (const auto* model : {"", "gpt-6", "gpt-4.7", "gpt-50", "o10", "o1x", "claude-sonnet-4-5",
                            "gemini-2.5-pro", "text-davinci-003"}) {
    EXPECT_EQ(encoding_of(model), std::nullopt) << model;
  }
}

TEST(Tokens, SayWhetherTheirNumberIsExact) {
  const std::string_view text = "How many tokens are these?";
  const auto exact = count_tokens(Encoding::O200k, text);

  const auto known = count_tokens("openai", "gpt-4o", text);
  EXPECT_TRUE(known.exact);
  EXPECT_EQ(known.tokens, exact);
  const auto new_one = count_tokens("openai", "gpt-9", text);
  EXPECT_FALSE(new_one.exact);
  EXPECT_EQ(new_one.tokens, exact);
  const auto foreign = count_tokens("anthropic", "claude-sonnet-4-5", text);
  EXPECT_FALSE(foreign.exact);
  EXPECT_GE(foreign.tokens, exact);
}

TEST(TokenEstimate, KnowsAFamilyByTheModelBeforeTheVendor) {
  EXPECT_EQ(tokenizer_of("bedrock", "us.anthropic.claude-haiku-4-5-v1:0"), Tokenizer::Claude);
  EXPECT_EQ(tokenizer_of("anthropic", "something-new"), Tokenizer::Claude);
  EXPECT_EQ(tokenizer_of("vertex", "gemini-2.5-pro"), Tokenizer::Gemini);
  EXPECT_EQ(tokenizer_of("groq", "meta-llama/Llama-4-Scout"), Tokenizer::Llama);
  EXPECT_EQ(tokenizer_of("mistral", "mistral-large-latest"), Tokenizer::Broad);
}

TEST(TokenEstimate, IsNothingForNothingAndElseAtLeastOne) {
  for (const auto tokenizer :
       {Tokenizer::Broad, Tokenizer::Gemini, Tokenizer::Llama, Tokenizer::Claude}) {
    EXPECT_EQ(estimate_tokens(tokenizer, ""), 0U);
    EXPECT_EQ(estimate_tokens(tokenizer, " "), 1U);
    EXPECT_EQ(estimate_tokens(tokenizer, "the"), 1U);
    EXPECT_GE(estimate_tokens(tokenizer, "\xFF\xFE"), 1U);
  }
}

// Within a third of the exact count, though it knows no vocabulary.
TEST(TokenEstimate, IsNearTheExactCountForWhatPeopleWrite) {
  for (
      const std::string_view text :
      {"The estimate of a long text is nearer than that of a short one, for what it gets wrong in "
       "one sentence is made up for in the next. It does not know any words, only what they are "
       "made of, and how many of the most frequent ones are there.",
       "def fibonacci(n: int) -> int:\n    if n < 2:\n        return n\n"
       "    return fibonacci(n - 1) + fibonacci(n - 2)\n\n\nprint(fibonacci(30))\n",
       "敏捷的棕色狐狸跳过了懒狗。人工智能正在改变世界，我们需要更好的工具来理解它。",
       "Съешь же ещё этих мягких французских булок, да выпей чаю. Широкая электрификация южных "
       "губерний даст мощный толчок подъёму сельского хозяйства.",
       R"({"id":"chatcmpl-123","object":"chat.completion","choices":[{"index":0,"message":{"role":)"
       R"("assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"total_tokens":12}})",
       "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण का सर्वनाश करने वाले विष्णु",
       "키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다. 오늘 날씨가 참 좋네요.",
       "1, 22, 333, 4444, 55555, 666666, 7777777, 88888888, 3.14159, 2.71828"}) {
    const auto exact = static_cast<double>(count_tokens(Encoding::O200k, text));
    const auto estimate = static_cast<double>(estimate_tokens(Tokenizer::Broad, text));
    EXPECT_NEAR(estimate / exact, 1.0, 0.34) << text << ": " << estimate << " for " << exact;
  }
}

TEST(ChatOverhead, CountsMessagesNamesAndTheBeginningOfTheAnswer) {
  EXPECT_EQ(chat_overhead(0, 0), 3U);
  EXPECT_EQ(chat_overhead(2, 1), 10U);
}

}  // namespace
}  // namespace sluice::ledger
