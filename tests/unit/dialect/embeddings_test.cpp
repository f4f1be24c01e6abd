// Vectors, from every API that makes them to every caller that wants them.
#include "dialect/embeddings.h"

#include "dialect/vectors.h"
#include "unit/dialect/vectors_support.h"

#include <gmock/gmock.h>

namespace sluice::dialect {
namespace {

using testing::ElementsAre;
using vectors_test::case_name;
using vectors_test::Json;
using vectors_test::read_file;
using vectors_test::recorded;
using vectors_test::recording;
using vectors_test::Translation;

constexpr std::string_view kTwo = R"({"model":"x","input":["a","b"]})";

// ---- What is recorded

// The vectors of an answer, by position, found without the code that is tested.
std::vector<Json> vectors_in(const Json& answer) {
  std::vector<Json> found;
  if (answer.contains("data")) {
    found.resize(answer["data"].size());
    for (const Json& one : answer["data"])
      found[one["index"].get<std::size_t>()] = one["embedding"];
  } else if (answer.contains("predictions")) {
    for (const Json& one : answer["predictions"]) found.push_back(one["embeddings"]["values"]);
  } else if (answer.contains("embedding")) {
    const Json& one = answer["embedding"];
    found.push_back(one.is_object() ? one["values"] : one);
  } else {
    Json list = answer["embeddings"];
    if (list.is_object()) list = list["float"];
    for (const Json& one : list) found.push_back(one.is_object() ? one["values"] : one);
  }
  return found;
}

std::int64_t tokens_in(const Json& answer) {
  if (answer.contains("usage")) return answer["usage"]["total_tokens"];
  if (answer.contains("usageMetadata")) return answer["usageMetadata"]["promptTokenCount"];
  if (answer.contains("meta")) return answer["meta"]["billed_units"]["input_tokens"];
  if (answer.contains("prompt_eval_count")) return answer["prompt_eval_count"];
  std::int64_t sum = 0;
  for (const Json& one : answer.value("predictions", Json::array()))
    sum += one["embeddings"]["statistics"]["token_count"].get<std::int64_t>();
  return sum;
}

class RecordedVectors : public testing::TestWithParam<std::string> {};

TEST_P(RecordedVectors, ReachACallerOfOpenAi) {
  const std::string answer = read_file(vectors_test::files::path(GetParam()) / "response.json");
  const Json said = Json::parse(answer);
  Translation translation(Operation::Embeddings, std::string(kTwo));

  const Json told = translation.answered(Dialect::Gemini, answer);

  ASSERT_FALSE(told.is_null()) << translation.failure;
  EXPECT_EQ(told["object"], "list");
  EXPECT_EQ(told["model"], said.value("model", "asked-for"));
  EXPECT_EQ(vectors_in(told), vectors_in(said));
  EXPECT_EQ(told["usage"]["prompt_tokens"], tokens_in(said));
  EXPECT_EQ(translation.usage ? translation.usage->input : 0, tokens_in(said));
}

INSTANTIATE_TEST_SUITE_P(All, RecordedVectors,
                         testing::ValuesIn(recorded({"embed", "embeddings", "embedContent",
                                                     "predict", "ollama.embed"})),
                         case_name);

TEST(RecordedEmbeddings, AreAskedOfCohereAsItWas) {
  Translation translation(Operation::Embeddings,
                          R"({"model":"x","input":["Ruby is a programmer's best friend"],
                             "dimensions":1024,"input_type":"search_document"})");

  EXPECT_EQ(translation.asked(Dialect::Cohere, "embed-v4.0"),
            Json::parse(read_file(recording("cohere", "embed-basic-c39265") / "request.json")));
}

TEST(RecordedEmbeddings, AreAskedOfGeminiAsItWas) {
  Translation translation(
      Operation::Embeddings,
      R"({"model":"x","input":"Ruby is a programmer's best friend","dimensions":768})");

  EXPECT_EQ(
      translation.asked(Dialect::Gemini, "gemini-embedding-001"),
      Json::parse(read_file(recording("gemini", "embedContent-basic-f4ec1c") / "request.json")));
}

TEST(RecordedEmbeddings, AreAskedOfVertexAsItWas) {
  Translation translation(Operation::EmbedContent,
                          R"({"content":{"parts":[{"text":"Ruby is "},{"text":"great"}]}})");

  EXPECT_EQ(translation.asked(Dialect::Predict, "text-embedding-004"),
            Json::parse(read_file(recording("vertex", "predict-basic-59d2c5") / "request.json")));
}

TEST(RecordedEmbeddings, KeepEachBitOfTheirFloats) {
  const Json answer =
      Json::parse(read_file(recording("openai", "embeddings-basic-b8206c") / "response.json"));
  const std::string base64 = answer["data"][0]["embedding"];
  Arena arena;
  json::Reader reader;

  const JsonText numbers = numbers_of_base64(base64, arena);

  const auto list = reader.parse(numbers);
  ASSERT_TRUE(list);
  EXPECT_EQ(base64_of_numbers(*list, arena), base64);
}

// ---- Asking

TEST(AskingForVectors, TellsGeminiWhatTheyAreFor) {
  Translation translation(Operation::Embeddings,
                          R"({"model":"x","input":["a","b"],"input_type":"query","user":"me"})");

  EXPECT_EQ(translation.asked(Dialect::Gemini, "models/g"), Json::parse(R"({"requests":[
      {"model":"models/g","content":{"parts":[{"text":"a"}]},"taskType":"RETRIEVAL_QUERY"},
      {"model":"models/g","content":{"parts":[{"text":"b"}]},"taskType":"RETRIEVAL_QUERY"}]})"));
  EXPECT_THAT(translation.dropped(), ElementsAre("user"));
}

TEST(AskingForVectors, TellsOpenAiABatchOfGemini) {
  Translation translation(Operation::BatchEmbedContent, R"({"requests":[
      {"model":"models/g","content":{"parts":[{"text":"a"}]},"task_type":"CLUSTERING",
       "output_dimensionality":256,"title":"A"},
      {"model":"models/g","content":{"parts":[{"text":"b"}]},"taskType":"CLUSTERING",
       "outputDimensionality":256}]})");

  EXPECT_EQ(
      translation.asked(Dialect::OpenAi, "text-embedding-3-small"),
      Json::parse(R"({"model":"text-embedding-3-small","input":["a","b"],"dimensions":256})"));
  EXPECT_THAT(translation.dropped(), ElementsAre("taskType", "title"));
}

TEST(AskingForVectors, RefusesABatchWhoseRequestsDiffer) {
  Translation translation(Operation::BatchEmbedContent, R"({"requests":[
      {"content":{"parts":[{"text":"a"}]},"outputDimensionality":256},
      {"content":{"parts":[{"text":"b"}]}}]})");

  EXPECT_TRUE(translation.asked(Dialect::OpenAi, "m").is_null());
  EXPECT_EQ(translation.refused, "outputDimensionality");
}

TEST(AskingForVectors, UsesTheWordsOfVoyage) {
  Translation translation(Operation::Embeddings,
                          R"({"model":"x","input":"a","dimensions":512,"encoding_format":"float",
                             "input_type":"search_document","truncation":false})");

  EXPECT_EQ(translation.asked(Dialect::Voyage, "voyage-3.5"),
            Json::parse(R"({"model":"voyage-3.5","input":"a","output_dimension":512,
                           "input_type":"document","truncation":false})"));
}

TEST(AskingForVectors, UsesTheWordsOfJina) {
  Translation translation(Operation::Embeddings,
                          R"({"model":"x","input":"a","encoding_format":"base64",
                             "task":"retrieval.passage","late_chunking":true})");

  EXPECT_EQ(translation.asked(Dialect::Jina, "jina-embeddings-v3"),
            Json::parse(R"({"model":"jina-embeddings-v3","input":["a"],"embedding_type":"base64",
                           "task":"retrieval.passage","late_chunking":true})"));
}

TEST(AskingForVectors, TellsCohereAPurposeItNeeds) {
  Translation translation(Operation::Embeddings, std::string(kTwo));

  EXPECT_EQ(translation.asked(Dialect::Cohere, "embed-english-v3.0"),
            Json::parse(R"({"model":"embed-english-v3.0","texts":["a","b"],
                           "input_type":"search_document","embedding_types":["float"]})"));
}

TEST(AskingForVectors, UsesTheWordsOfOllama) {
  Translation translation(Operation::Embeddings,
                          R"({"model":"x","input":["a","b"],"dimensions":64,"keep_alive":"5m"})");

  EXPECT_EQ(translation.asked(Dialect::Ollama, "all-minilm"),
            Json::parse(R"({"model":"all-minilm","input":["a","b"],"dimensions":64,
                           "keep_alive":"5m"})"));
}

TEST(AskingForVectors, KnowsTheModelsOfBedrock) {
  const std::string sized = R"({"model":"x","input":"a","dimensions":256})";
  EXPECT_EQ(Translation(Operation::Embeddings, sized)
                .asked(Dialect::Converse, "us.amazon.titan-embed-text-v2:0"),
            Json::parse(R"({"inputText":"a","dimensions":256})"));
  EXPECT_EQ(Translation(Operation::Embeddings, sized)
                .asked(Dialect::Converse, "amazon.titan-embed-image-v1"),
            Json::parse(R"({"inputText":"a","embeddingConfig":{"outputEmbeddingLength":256}})"));
  EXPECT_EQ(Translation(Operation::Embeddings, sized)
                .asked(Dialect::Converse, "amazon.nova-2-multimodal-embeddings-v1:0"),
            Json::parse(R"({"taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":{
                "embeddingPurpose":"GENERIC_INDEX","embeddingDimension":256,
                "text":{"truncationMode":"END","value":"a"}}})"));
  EXPECT_EQ(Translation(Operation::Embeddings, R"({"model":"x","input":"a","input_type":"query"})")
                .asked(Dialect::Converse, "cohere.embed-multilingual-v3"),
            Json::parse(R"({"texts":["a"],"input_type":"search_query",
                           "embedding_types":["float"]})"));
}

TEST(AskingForVectors, RefusesASizeThatTheModelCannotMake) {
  const std::string sized = R"({"model":"x","input":"a","dimensions":256})";
  Translation titan(Operation::Embeddings, sized);
  EXPECT_TRUE(titan.asked(Dialect::Converse, "amazon.titan-embed-text-v1").is_null());
  EXPECT_EQ(titan.refused, "dimensions");

  Translation allowed(Operation::Embeddings, sized);
  allowed.drop(DropPolicy::Which::All);
  EXPECT_EQ(allowed.asked(Dialect::Converse, "amazon.titan-embed-text-v1"),
            Json::parse(R"({"inputText":"a"})"));
  EXPECT_THAT(allowed.dropped(), ElementsAre("dimensions"));
}

TEST(AskingForVectors, RefusesTokensWhereOnlyTextsAreRead) {
  for (const std::string_view input : {"[1,2,3]", "[[1,2],[3]]"}) {
    Translation translation(Operation::Embeddings,
                            R"({"model":"x","input":)" + std::string(input) + "}");
    translation.drop(DropPolicy::Which::All);
    EXPECT_TRUE(translation.asked(Dialect::Gemini, "g").is_null());
    EXPECT_EQ(translation.refused, "input");
  }
}

TEST(AskingForVectors, RefusesWhatIsNoInput) {
  for (const std::string_view body :
       {R"({"model":"x"})", R"({"input":null})", R"({"input":[]})", R"({"input":{"a":1}})",
        R"({"input":["a",true]})", R"({"input":7})"}) {
    Translation translation(Operation::Embeddings, std::string(body));
    EXPECT_TRUE(translation.asked(Dialect::Gemini, "g").is_null()) << body;
    EXPECT_EQ(translation.refused, "input") << body;
  }
  Translation image(Operation::EmbedContent,
                    R"({"content":{"parts":[{"inlineData":{"data":"AA=="}}]}})");
  EXPECT_TRUE(image.asked(Dialect::OpenAi, "m").is_null());
  EXPECT_EQ(image.refused, "content.parts");
}

// ---- Answering

TEST(AnsweringWithVectors, GivesBase64ToWhomeverAsksForIt) {
  Translation translation(Operation::Embeddings,
                          R"({"model":"x","input":"a","encoding_format":"base64"})");

  const Json told =
      translation.answered(Dialect::Gemini, R"({"embeddings":[{"values":[1, -0.5, 1e-3]}]})");

  EXPECT_EQ(told["data"][0]["embedding"], "AACAPwAAAL9vEoM6");
}

TEST(AnsweringWithVectors, GivesNumbersToCallersOfGemini) {
  Translation one(Operation::EmbedContent, R"({"content":{"parts":[{"text":"a"}]}})");
  EXPECT_EQ(one.answered(Dialect::OpenAi,
                         R"({"data":[{"index":0,"embedding":"AACAPwAAAL9vEoM6"}],
                            "usage":{"prompt_tokens":3,"total_tokens":3}})"),
            Json::parse(R"({"embedding":{"values":[1,-0.5,0.001]},
                           "usageMetadata":{"promptTokenCount":3,"totalTokenCount":3}})"));

  Translation two(Operation::BatchEmbedContent, "{}");
  EXPECT_EQ(two.answered(Dialect::OpenAi, R"({"data":[{"index":1,"embedding":[2]},
                                                      {"index":0,"embedding":[1]}]})"),
            Json::parse(R"({"embeddings":[{"values":[1]},{"values":[2]}]})"));
}

TEST(AnsweringWithVectors, WritesJsonWhateverAProviderCallsBase64) {
  Translation translation(Operation::Embeddings, std::string(kTwo));

  const Json told =
      translation.answered(Dialect::OpenAi, R"({"data":[{"index":0,"embedding":"a\"}],\\"}]})");

  EXPECT_EQ(told["data"][0]["embedding"], "a\"}],\\");
}

TEST(AnsweringWithVectors, ReadsTheModelsOfBedrock) {
  const auto vector = [](std::string_view answer) {
    Translation translation(Operation::Embeddings, R"({"input":"a"})");
    return translation.answered(Dialect::Converse, answer);
  };
  const Json titan = vector(R"({"embedding":[0.5],"embeddingsByType":{"float":[0.5]},
                               "inputTextTokenCount":4})");
  EXPECT_EQ(titan["data"][0]["embedding"], Json::parse("[0.5]"));
  EXPECT_EQ(titan["usage"]["total_tokens"], 4);
  EXPECT_EQ(
      vector(
          R"({"embeddings":[[0.5]],"response_type":"embeddings_floats"})")["data"][0]["embedding"],
      Json::parse("[0.5]"));
  EXPECT_EQ(
      vector(
          R"({"embeddings":[{"embeddingType":"TEXT","embedding":[0.5]}]})")["data"][0]["embedding"],
      Json::parse("[0.5]"));
}

TEST(AnsweringWithVectors, ReadsWhatVoyageCounts) {
  Translation translation(Operation::Embeddings, std::string(kTwo));
  const Json told = translation.answered(
      Dialect::Voyage,
      R"({"object":"list","data":[{"object":"embedding","embedding":[1],"index":0}],
                          "model":"voyage-3.5","usage":{"total_tokens":10}})");
  EXPECT_EQ(told["usage"], Json::parse(R"({"prompt_tokens":10,"total_tokens":10})"));
}

TEST(AnsweringWithVectors, FailsWhereThereAreNone) {
  const auto failure = [](std::string_view answer) {
    Translation translation(Operation::Embeddings, std::string(kTwo));
    EXPECT_TRUE(translation.answered(Dialect::Gemini, answer).is_null()) << answer;
    return translation.failure;
  };
  EXPECT_EQ(failure("{}"), "upstream_bad_response");
  EXPECT_EQ(failure("[1]"), "upstream_bad_response");
  EXPECT_EQ(failure(R"({"data":[{"index":0}]})"), "upstream_bad_response");
  EXPECT_EQ(failure(R"({"data":[{"index":4000000000,"embedding":[1]}]})"), "upstream_bad_response");
  EXPECT_EQ(failure(R"({"data":[{"index":-1,"embedding":[1]}]})"), "upstream_bad_response");
  EXPECT_EQ(failure(R"({"embeddings":[{"values":true}]})"), "upstream_bad_response");
  EXPECT_EQ(failure(R"({"embeddings":[{}]})"), "upstream_bad_response");
  EXPECT_EQ(failure(R"({"error":{"message":"no","code":429}})"), "upstream_rate_limited");
}

}  // namespace
}  // namespace sluice::dialect
