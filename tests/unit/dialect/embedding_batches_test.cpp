#include "dialect/embedding_batches.h"

#include <gtest/gtest.h>

namespace sluice::dialect {
namespace {

class Batches : public testing::Test {
 protected:
  json::Reader reader_;
  Arena arena_;
};

TEST_F(Batches, CountInputsButNotTheTokensOfOne) {
  EXPECT_EQ(EmbeddingBatches::inputs_of(R"({"input":"a"})", reader_), 1U);
  EXPECT_EQ(EmbeddingBatches::inputs_of(R"({"input":[1,2,3]})", reader_), 1U);
  EXPECT_EQ(EmbeddingBatches::inputs_of(R"({"input":["a","b"]})", reader_), 2U);
  EXPECT_EQ(EmbeddingBatches::inputs_of(R"({"input":[[1,2],[3]]})", reader_), 2U);
  EXPECT_EQ(EmbeddingBatches::inputs_of(R"({"model":"m"})", reader_), 1U);
}

TEST_F(Batches, CutTheListAndKeepAllElse) {
  EmbeddingBatches batches(R"({"input": ["a", "b,", "c"], "model":"m"})", 2, reader_, arena_);
  EXPECT_EQ(batches.next(arena_), R"({"input": ["a", "b,"], "model":"m"})");
  EXPECT_FALSE(batches.done());
  EXPECT_EQ(batches.next(arena_), R"({"input": ["c"], "model":"m"})");
  EXPECT_TRUE(batches.done());
}

TEST_F(Batches, JoinTheAnswersInOrder) {
  EmbeddingBatches batches(R"({"input":["a","b","c"]})", 2, reader_, arena_);
  batches.next(arena_);
  ASSERT_TRUE(batches.take(R"({"object":"list","model":"m","data":[
      {"object":"embedding","index":1,"embedding":[0.10]},
      {"object":"embedding","index":0,"embedding":"AAA="}],
      "usage":{"prompt_tokens":2,"total_tokens":2}})",
                           reader_));
  batches.next(arena_);
  ASSERT_TRUE(batches.take(
      R"({"model":"m","data":[{"index":0,"embedding":[3]}],"usage":{"prompt_tokens":5,"total_tokens":6}})",
      reader_));
  EXPECT_EQ(batches.joined(arena_),
            R"({"object":"list","data":[{"object":"embedding","embedding":[0.10],"index":1},)"
            R"({"object":"embedding","embedding":"AAA=","index":0},{"embedding":[3],"index":2}],)"
            R"("model":"m","usage":{"prompt_tokens":7,"total_tokens":8}})");
}

TEST_F(Batches, AnAnswerWithoutEmbeddingsIsAFailure) {
  EmbeddingBatches batches(R"({"input":["a","b"]})", 1, reader_, arena_);
  batches.next(arena_);
  EXPECT_FALSE(batches.take(R"({"ok":true})", reader_));
  EXPECT_FALSE(batches.take("<html>", reader_));
}

}  // namespace
}  // namespace sluice::dialect
