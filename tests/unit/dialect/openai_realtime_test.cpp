#include "dialect/openai_realtime.h"

#include <gtest/gtest.h>

namespace sluice::dialect {
namespace {

TEST(RealtimeModel, IsReadFromTheQuery) {
  Arena arena;
  EXPECT_EQ(realtime_model("/v1/realtime?model=gpt-4o", arena), "gpt-4o");
  EXPECT_EQ(realtime_model("/v1/realtime?a=b&model=openai%2fgpt%3A1&c", arena), "openai/gpt:1");
  for (const std::string_view target :
       {"/v1/realtime", "/v1/realtime?", "/v1/realtime?model",
        "/v1/realtime?model=", "/v1/realtime?models=a", "/v1/realtime?model=a&model=a",
        "/v1/realtime?model=a%20b", "/v1/realtime?model=a%2", "/v1/realtime?model=a%zz",
        "/v1/realtime?model=a+b", "/v1/realtime?model=%00"}) {
    EXPECT_EQ(realtime_model(target, arena), std::nullopt) << target;
  }
}

TEST(RealtimePath, NamesTheProvidersModelAndNothingElseButTheIntent) {
  Arena arena;
  EXPECT_EQ(realtime_path("/v1/realtime?model=a&key=secret", "m/1 &x", arena),
            "/realtime?model=m%2F1%20%26x");
  EXPECT_EQ(realtime_path("/v1/realtime?intent=transcription", "m", arena),
            "/realtime?model=m&intent=transcription");
  EXPECT_EQ(realtime_path("/v1/realtime?intent=a%26b", "m", arena), "/realtime?model=m");
}

TEST(RealtimeUsage, IsReadFromResponsesThatAreDone) {
  json::Reader reader;
  const auto usage = realtime_usage(
      R"({"response":{"id":"r","usage":{"total_tokens":9,"input_tokens":7,"output_tokens":2,)"
      R"("input_token_details":{"cached_tokens":5}}},"type":"response.done"})",
      reader);
  EXPECT_EQ(usage, (Usage{.input = 7, .cached = 5, .output = 2}));
}

TEST(RealtimeUsage, IsNothingInAnyOtherEvent) {
  json::Reader reader;
  for (const std::string_view event :
       {"", "response.done",
        R"({"type":"response.created","response":{"usage":{"input_tokens":1}}})",
        R"({"type":"response.done"})", R"({"type":"response.done","response":{"usage":null}})",
        R"({"type":"x","a":"response.done","response":{"usage":{"input_tokens":1}}})",
        R"({"type":"response.done","response":{"usage":{"input_tokens":1}})"}) {
    EXPECT_EQ(realtime_usage(event, reader), std::nullopt) << event;
  }
}

}  // namespace
}  // namespace sluice::dialect
