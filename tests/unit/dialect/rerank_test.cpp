// Rankings, asked as by Cohere and Jina, of every API that makes them.
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

constexpr std::string_view kThree =
    R"({"model":"x","query":"q","documents":["a",{"text":"b"},"c"],"top_n":2})";

std::string many_documents(bool wanted) {
  Json body{{"model", "x"}, {"query", "q"}, {"return_documents", wanted}};
  for (int i = 0; i < 20; ++i) body["documents"].push_back("document " + std::to_string(i));
  return body.dump();
}

class RecordedRankings : public testing::TestWithParam<std::string> {};

TEST_P(RecordedRankings, ReachTheirCaller) {
  const std::string answer = read_file(vectors_test::files::path(GetParam()) / "response.json");
  const Json said = Json::parse(answer);
  Translation translation(Operation::Rerank, many_documents(true));

  const Json told = translation.answered(Dialect::Cohere, answer);

  ASSERT_FALSE(told.is_null()) << translation.failure;
  EXPECT_EQ(told["id"], said["id"]);
  ASSERT_EQ(told["results"].size(), said["results"].size());
  for (std::size_t i = 0; i < said["results"].size(); ++i) {
    const Json& rank = told["results"][i];
    EXPECT_EQ(rank["index"], said["results"][i]["index"]);
    EXPECT_EQ(rank["relevance_score"], said["results"][i]["relevance_score"]);
    EXPECT_EQ(rank["document"]["text"], "document " + rank["index"].dump());
  }
  EXPECT_EQ(told.value("meta", Json()), said.value("meta", Json()));
  if (said.contains("usage")) {
    EXPECT_EQ(translation.usage->input, said["usage"]["total_tokens"]);
    EXPECT_EQ(told["usage"]["total_tokens"], said["usage"]["total_tokens"]);
  }
}

INSTANTIATE_TEST_SUITE_P(All, RecordedRankings, testing::ValuesIn(recorded({"rerank"})), case_name);

TEST(AskingForARanking, IsToldToCohereAsRecorded) {
  for (const std::string_view name : {"rerank-basic-6e0589", "rerank-basic-fe8dbf"}) {
    const Json request = Json::parse(read_file(recording("cohere", name) / "request.json"));
    Translation translation(Operation::Rerank, request.dump());
    const std::string model = request["model"];
    EXPECT_EQ(translation.asked(Dialect::Cohere, model), request);
  }
}

TEST(AskingForARanking, TellsCohereTextsOnly) {
  Translation translation(Operation::Rerank,
                          R"({"query":"q","documents":["a",{"text":"b"},{"title":"t","n":1}],
                             "return_documents":true,"max_tokens_per_doc":99,"other":1})");

  EXPECT_EQ(translation.asked(Dialect::Cohere, "rerank-v3.5"),
            Json::parse(R"({"model":"rerank-v3.5","query":"q",
                "documents":["a","b","{\"title\":\"t\",\"n\":1}"],"max_tokens_per_doc":99})"));
  EXPECT_THAT(translation.dropped(), ElementsAre("other"));
}

TEST(AskingForARanking, UsesTheWordsOfVoyage) {
  Translation translation(Operation::Rerank,
                          R"({"query":"q","documents":["a","b"],"top_n":1,"return_documents":true,
                             "truncation":true})");

  EXPECT_EQ(translation.asked(Dialect::Voyage, "rerank-2.5"),
            Json::parse(R"({"model":"rerank-2.5","query":"q","documents":["a","b"],"top_k":1,
                           "return_documents":true,"truncation":true})"));
}

TEST(AskingForARanking, UsesTheWordsOfTextEmbeddingsInference) {
  Translation translation(Operation::Rerank, std::string(kThree));

  EXPECT_EQ(translation.asked(Dialect::Tei, "m"),
            Json::parse(R"({"query":"q","texts":["a","b","c"]})"));
}

TEST(AskingForARanking, KnowsTheModelsOfBedrock) {
  EXPECT_EQ(Translation(Operation::Rerank, std::string(kThree))
                .asked(Dialect::Converse, "cohere.rerank-v3-5:0"),
            Json::parse(R"({"query":"q","documents":["a","b","c"],"top_n":2,"api_version":2})"));
  EXPECT_EQ(Translation(Operation::Rerank, std::string(kThree))
                .asked(Dialect::Converse, "amazon.rerank-v1:0"),
            Json::parse(R"({"query":"q","documents":["a","b","c"],"top_n":2})"));
}

TEST(AskingForARanking, RefusesWhatIsNone) {
  const auto refused = [](std::string_view body) {
    Translation translation(Operation::Rerank, std::string(body));
    EXPECT_TRUE(translation.asked(Dialect::Cohere, "m").is_null()) << body;
    return translation.refused;
  };
  EXPECT_EQ(refused(R"({"documents":["a"]})"), "query");
  EXPECT_EQ(refused(R"({"query":1,"documents":["a"]})"), "query");
  EXPECT_EQ(refused(R"({"query":"q"})"), "documents");
  EXPECT_EQ(refused(R"({"query":"q","documents":[]})"), "documents");
  EXPECT_EQ(refused(R"({"query":"q","documents":["a",2]})"), "documents[1]");
  EXPECT_EQ(refused(R"({"query":"q","documents":["a"],"top_n":-1})"), "top_n");
  EXPECT_EQ(refused(R"({"query":"q","documents":["a"],"return_documents":1})"), "return_documents");
  EXPECT_EQ(refused(R"({"query":"q","documents":[{"a":1}],"rank_fields":["a"]})"), "rank_fields");
}

TEST(AnsweringWithARanking, KeepsTheBestOfAListAlone) {
  Translation translation(Operation::Rerank, std::string(kThree));

  const Json told = translation.answered(
      Dialect::Tei,
      R"([{"index":2,"score":0.9},{"index":0,"score":0.25},{"index":1,"score":-1e-3}])");

  EXPECT_EQ(told, Json::parse(R"({"id":"req","object":"list","model":"asked-for","results":[
      {"index":2,"relevance_score":0.9},{"index":0,"relevance_score":0.25}]})"));
}

TEST(AnsweringWithARanking, GivesDocumentsBackAsTheyCame) {
  Translation translation(Operation::Rerank,
                          R"({"query":"q","documents":["a",{"text":"b","n":1.50}],
                             "return_documents":true})");

  const Json told = translation.answered(Dialect::Voyage, R"({"object":"list","data":[
          {"relevance_score":0.5,"index":1,"document":"b"},
          {"relevance_score":0.4,"index":0,"document":"a"}],
          "model":"rerank-2","usage":{"total_tokens":26}})");

  EXPECT_EQ(told["results"], Json::parse(R"([
      {"index":1,"relevance_score":0.5,"document":{"text":"b","n":1.5}},
      {"index":0,"relevance_score":0.4,"document":{"text":"a"}}])"));
  EXPECT_EQ(told["model"], "rerank-2");
  EXPECT_EQ(told["usage"]["total_tokens"], 26);
}

TEST(AnsweringWithARanking, FailsWhereThereIsNone) {
  const auto failure = [](std::string_view answer) {
    Translation translation(Operation::Rerank, std::string(kThree));
    EXPECT_TRUE(translation.answered(Dialect::Cohere, answer).is_null()) << answer;
    return translation.failure;
  };
  EXPECT_EQ(failure("{}"), "upstream_bad_response");
  EXPECT_EQ(failure(R"({"results":[{"index":3,"relevance_score":1}]})"), "upstream_bad_response");
  EXPECT_EQ(failure(R"({"results":[{"index":-1,"relevance_score":1}]})"), "upstream_bad_response");
  EXPECT_EQ(failure(R"({"results":[{"index":0}]})"), "upstream_bad_response");
  EXPECT_EQ(failure(R"({"error":"overloaded","error_type":"overloaded"})"), "upstream_error");
}

}  // namespace
}  // namespace sluice::dialect
