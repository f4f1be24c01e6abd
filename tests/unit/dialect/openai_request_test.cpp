#include "dialect/openai_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace sluice::dialect {
namespace {

using Json = nlohmann::json;

class OpenAiRequests : public testing::Test {
 protected:
  bool read(std::string_view body) {
    request_ = {};
    text_ = body;
    auto done = read_openai_request(text_, {}, reader_, arena_, request_);
    if (done) return true;
    code_ = done.error()->code;
    param_ = done.error()->param;
    return false;
  }
  std::string edited(std::string_view model, AskForUsage ask) {
    const EditedBody body =
        edit_openai_request(request_, {.model = model, .ask = ask}, reader_, arena_);
    std::string joined;
    for (const std::string_view piece : body.pieces) joined += piece;
    EXPECT_EQ(joined.size(), body.size);
    return joined;
  }
  // A stream's body that asks for usage in the end, and differs nowhere else.
  std::string asking(std::string_view body) {
    EXPECT_TRUE(read(body)) << body;
    return edited(request_.model, AskForUsage::Yes);
  }

  Arena arena_;
  json::Reader reader_;
  Request request_;
  std::string text_;
  std::string_view code_;
  std::string param_;
};

TEST_F(OpenAiRequests, TellWhatPoliciesNeed) {
  ASSERT_TRUE(read(R"({"model":"gpt-\u0034","stream":true,"user":"ann","max_completion_tokens":12,
                       "stream_options":{"include_usage":true},"messages":[]})"));

  EXPECT_EQ(request_.model, "gpt-4");
  EXPECT_TRUE(request_.stream);
  EXPECT_TRUE(request_.usage_asked);
  EXPECT_EQ(request_.user, "ann");
  EXPECT_EQ(request_.max_tokens, 12);
}

TEST_F(OpenAiRequests, TakeNullForAbsent) {
  ASSERT_TRUE(read(R"({"model":null,"stream":null,"user":null,"max_tokens":null,"n":null,
                       "stream_options":null})"));

  EXPECT_EQ(request_.model, "");
  EXPECT_FALSE(request_.stream);
  EXPECT_FALSE(request_.usage_asked);
  EXPECT_FALSE(request_.max_tokens);
}

TEST_F(OpenAiRequests, AreRefusedWithTheFieldsNameWhenAFieldIsOfAnotherType) {
  struct Wrong {
    std::string_view body;
    std::string_view param;
  };
  for (const Wrong& wrong :
       {Wrong{R"({"model":7})", "model"}, Wrong{R"({"model":"m","stream":"yes"})", "stream"},
        Wrong{R"({"model":"m","max_tokens":1.5})", "max_tokens"},
        Wrong{R"({"model":"m","max_tokens":-1})", "max_tokens"},
        Wrong{R"({"model":"m","max_output_tokens":1e99})", "max_output_tokens"},
        Wrong{R"({"model":"m","n":[]})", "n"}, Wrong{R"({"model":"m","user":{}})", "user"},
        Wrong{R"({"model":"m","stream_options":[]})", "stream_options"},
        Wrong{R"({"model":"m","stream_options":{"include_usage":1}})",
              "stream_options.include_usage"}}) {
    EXPECT_FALSE(read(wrong.body)) << wrong.body;
    EXPECT_EQ(code_, "invalid_request") << wrong.body;
    EXPECT_EQ(param_, wrong.param);
  }
}

TEST_F(OpenAiRequests, AreRefusedWhenTheyAreNoObjectOrNoJson) {
  for (const std::string_view body : {"", "[]", "\"x\"", "null"}) EXPECT_FALSE(read(body)) << body;
  for (const std::string_view body : {R"({"model":"m")", R"({"model":"m"} x)", "{'model':1}"}) {
    EXPECT_FALSE(read(body));
    EXPECT_EQ(code_, "invalid_json") << body;
  }
}

TEST_F(OpenAiRequests, AreRefusedWhenAPolicysFieldStandsTwice) {
  for (const std::string_view body :
       {R"({"model":"a","model":"b"})", R"({"model":"a","Model":"b"})",
        R"({"model":"a","\u006dodel":"b"})", R"({"stream":true,"stream":false})",
        R"({"messages":[],"messages":[]})", R"({"tools":[],"tools":[]})",
        R"({"stream_options":{"include_usage":true,"include_usage":false}})"}) {
    EXPECT_FALSE(read(body)) << body;
  }
}

TEST_F(OpenAiRequests, GoOnByteForByteWhereNothingMustChange) {
  const std::string body =
      "{ \"model\" : \"m\",\t\"seed\":12345678901234567890123, "
      "\"x\":[1.0,1e2,\"\\u0041\"],\n\"stream\":true }";
  ASSERT_TRUE(read(body));

  EXPECT_EQ(edited("m", AskForUsage::No), body);
}

TEST_F(OpenAiRequests, ChangeOnlyTheModelsName) {
  ASSERT_TRUE(read(R"({"a":1, "model" : "alias" ,"b":[ ]})"));

  EXPECT_EQ(edited("real \"one\"", AskForUsage::No),
            R"({"a":1, "model" : "real \"one\"" ,"b":[ ]})");
}

TEST_F(OpenAiRequests, NameTheModelThatIsAskedForWhateverTheBodySays) {
  ASSERT_TRUE(read(R"({"model":"dear"})"));
  request_.model = "cheap";  // As the path names it.
  EXPECT_EQ(edited("cheap", AskForUsage::No), R"({"model":"cheap"})");

  ASSERT_TRUE(read(R"({"n":1})"));
  request_.model = "cheap";
  EXPECT_EQ(Json::parse(edited("cheap", AskForUsage::No)),
            Json::parse(R"({"model":"cheap","n":1})"));

  ASSERT_TRUE(read("{}"));
  request_.model = "cheap";
  EXPECT_EQ(edited("cheap", AskForUsage::No), R"({"model":"cheap"})");

  ASSERT_TRUE(read(R"({"model":null,"n":1})"));
  request_.model = "cheap";
  EXPECT_EQ(edited("cheap", AskForUsage::No), R"({"model":"cheap","n":1})");
}

TEST_F(OpenAiRequests, LeaveTheModelToTheProviderWhereNoneIsNamed) {
  ASSERT_TRUE(read(R"({"input":"x"})"));

  EXPECT_EQ(edited("", AskForUsage::No), R"({"input":"x"})");
}

TEST_F(OpenAiRequests, AskForUsageWhateverTheirOptionsLookLike) {
  EXPECT_EQ(asking(R"({"model":"m","stream":true})"),
            R"({"stream_options":{"include_usage":true},"model":"m","stream":true})");
  EXPECT_EQ(asking(R"({"stream":true,"stream_options":null})"),
            R"({"stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(asking(R"({"stream":true,"stream_options":{ }})"),
            R"({"stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(asking(R"({"stream":true,"stream_options":{"x":[1]}})"),
            R"({"stream":true,"stream_options":{"include_usage":true,"x":[1]}})");
  EXPECT_EQ(asking(R"({"stream":true,"stream_options":{"x":1,"include_usage":false}})"),
            R"({"stream":true,"stream_options":{"x":1,"include_usage":true}})");
  EXPECT_EQ(asking(R"({"stream":true,"stream_options":{"include_usage":null}})"),
            R"({"stream":true,"stream_options":{"include_usage":true}})");
}

TEST_F(OpenAiRequests, DoNotAskForUsageTwiceNorOutsideOfStreams) {
  for (const std::string_view body : {R"({"stream":true,"stream_options":{"include_usage":true}})",
                                      R"({"stream":false})", R"({"model":"m"})"}) {
    EXPECT_EQ(asking(body), body);
  }
}

TEST_F(OpenAiRequests, ChangeModelAndUsageTogether) {
  ASSERT_TRUE(read(R"({"stream":true})"));
  request_.model = "m";
  EXPECT_EQ(Json::parse(edited("m", AskForUsage::Yes)),
            Json::parse(R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})"));

  ASSERT_TRUE(read(R"({"model":"a","stream":true,"stream_options":{}})"));
  EXPECT_EQ(edited("b", AskForUsage::Yes),
            R"({"model":"b","stream":true,"stream_options":{"include_usage":true}})");
}

}  // namespace
}  // namespace sluice::dialect
