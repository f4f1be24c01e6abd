#include "telemetry/access_line.h"

#include "access_samples.h"
#include "base/json.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

namespace sluice::telemetry {
namespace {

std::string line_of(const AccessRecord& record, log::Format format = log::Format::Json) {
  const auto room = std::make_unique<char[]>(room_for(record));
  AccessLineWriter writer;
  return {room.get(), writer.write(record, format, room.get())};
}

bool is_json(const std::string& line) {
  json::Reader reader;
  return line.ends_with("}\n") && reader.parse(line).has_value();
}

TEST(AccessLine, TellsEverythingOfTheRequest) {
  EXPECT_EQ(
      line_of(sample_record()),
      R"({"time":"2026-01-02T03:04:05.678Z","level":"info","msg":"request","id":"req-1",)"
      R"("trace_id":"0af7651916cd43dd8448eb211c80319c","surface":"openai","operation":"chat",)"
      R"("method":"POST","path":"/v1/chat/completions","asked":"assistant","model":"gpt-4o",)"
      R"("provider":"openai","key":"dev","user":"ann","status":200,"stream":true,)"
      R"("attempts":[{"provider":"azure","model":"gpt-4o","status":503,"outcome":"failed","ms":1.500},)"
      R"({"provider":"openai","model":"gpt-4o","status":200,"outcome":"answered","ms":20}],)"
      R"("tokens":{"input":100,"output":20,"cached":0},"usage":"exact",)"
      R"("ms":{"total":22.045,"gateway":0.045,"connect":0,"ttft":9},)"
      R"("bytes":{"in":700,"out":1270},"client":"127.0.0.1"})"
      "\n");
}

TEST(AccessLine, LeavesOutWhatIsUnknown) {
  AccessRecord record;
  record.status = 400;
  record.error = "invalid_json";

  EXPECT_EQ(line_of(record),
            R"({"time":"1970-01-01T00:00:00.000Z","level":"info","msg":"request","status":400,)"
            R"("error":"invalid_json","stream":false,"ms":{"total":0},"bytes":{"in":0,"out":0}})"
            "\n");
}

TEST(AccessLine, IsJsonWhenTokensWereCountedButNoneIsKnown) {
  AccessRecord record;
  record.accounting = Accounting::Estimated;

  const auto line = line_of(record);

  EXPECT_TRUE(is_json(line)) << line;
  EXPECT_NE(line.find(R"("tokens":{},"usage":"estimated")"), std::string::npos) << line;
}

TEST(AccessLine, EscapesWhatCallersSend) {
  AccessRecord record;
  for (const std::string_view evil : {"\"", "\\", "\n", "12345678\"", "1234567\x1f", "tab\there"}) {
    record.asked = evil;
    EXPECT_TRUE(is_json(line_of(record))) << line_of(record);
  }

  record.asked = "a\"b\nc";
  EXPECT_NE(line_of(record).find(R"("asked":"a\"b\nc")"), std::string::npos);
}

TEST(AccessLine, ReplacesMalformedUtf8AndKeepsTheRest) {
  AccessRecord record;
  record.user = "J\xC3\xBCrgen\xFF";

  const auto line = line_of(record);

  EXPECT_TRUE(is_json(line));
  EXPECT_NE(line.find("\"user\":\"J\xC3\xBCrgen\xEF\xBF\xBD\""), std::string::npos) << line;
}

TEST(AccessLine, FitsItsRoomWhateverTheTexts) {
  WorstRecord worst(AccessRecord::kLongestText);
  AccessRecord& record = worst.record;
  record.accounting = Accounting::Estimated;
  record.input_tokens = record.output_tokens = record.cached_tokens = record.reasoning_tokens =
      INT64_MIN;
  record.bytes_in = record.bytes_out = UINT64_MAX;

  for (const auto times : {0U, 1'500U, UINT32_MAX - 1}) {
    record.total_us = record.gateway_us = record.connect_us = record.first_token_us = times;
    const auto line = line_of(record);
    EXPECT_LE(line.size(), room_for(record));
    EXPECT_GT(line.size(), room_for(record) - 2'048);
    EXPECT_TRUE(is_json(line));
    EXPECT_LE(line_of(record, log::Format::Text).size(), room_for(record));
  }
  EXPECT_LE(room_for(record), kLongestLine);
}

TEST(AccessLine, FitsItsRoomWhereTextsAreShort) {
  const std::string worst = "\x01";
  AccessRecord record;
  for (const auto text : kAccessTexts) record.*text = worst;
  record.detail = "key=x";  // What it is replaced by is longer.

  for (const auto format : {log::Format::Json, log::Format::Text}) {
    EXPECT_LE(line_of(record, format).size(), room_for(record));
  }
  EXPECT_LE(room_for(sample_record()), 4'096U);
}

TEST(AccessLine, CopiesTextsOfEveryLengthAndFindsWhatIsOdd) {
  AccessRecord record;
  for (std::size_t size = 1; size <= 70; ++size) {
    std::string text(size, '~');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 26);
    record.asked = text;
    EXPECT_NE(line_of(record).find("\"asked\":\"" + text + '"'), std::string::npos);
    for (std::size_t i = 0; i < size; ++i) {
      for (const char odd : {'"', '\\', '\0', '\x1f', '\x80', '\xff'}) {
        std::string changed = text;
        changed[i] = odd;
        record.asked = changed;
        EXPECT_TRUE(is_json(line_of(record))) << size << ' ' << i;
      }
    }
  }
}

TEST(AccessLine, WritesNumbersOfEveryLength) {
  AccessRecord record;
  std::uint64_t number = 1;
  for (int digits = 1; digits <= 20; ++digits, number *= 10) {
    for (const auto each : {number - 1, number, number + 1, number * 7 / 4}) {
      record.bytes_in = each;
      EXPECT_NE(line_of(record).find("\"in\":" + std::to_string(each) + ','), std::string::npos);
    }
  }
}

TEST(AccessLine, ForgetsTheQuery) {
  auto record = sample_record();
  record.path = "/v1beta/models?key=secret";

  for (const auto format : {log::Format::Json, log::Format::Text}) {
    const auto line = line_of(record, format);
    EXPECT_NE(line.find("/v1beta/models"), std::string::npos) << line;
    EXPECT_EQ(line.find('?'), std::string::npos) << line;
  }
}

TEST(AccessLine, CutsLongTextsBetweenCharacters) {
  const std::string kept(AccessRecord::kLongestText - 1, 'x');
  const std::string long_text = kept + "\xC3\xBC and more";
  auto record = sample_record();
  record.user = long_text;

  EXPECT_NE(line_of(record).find("\"user\":\"" + kept + "\","), std::string::npos);
}

TEST(AccessLine, TellsOnlySoManyAttempts) {
  const std::array<AccessAttempt, AccessRecord::kMostAttempts + 3> attempts{};
  auto record = sample_record();
  record.attempts = attempts;
  std::string each;
  for (std::size_t i = 0; i < AccessRecord::kMostAttempts; ++i) {
    each += (i == 0 ? "" : ",") + std::string(R"({"provider":"","ms":0})");
  }

  EXPECT_NE(line_of(record).find("\"attempts\":[" + each + "],"), std::string::npos);
}

TEST(AccessLine, ShowsNoKeyInADetailThatNobodyScrubbed) {
  AccessRecord record;
  record.status = 502;
  record.error = "upstream_auth";
  record.detail = "Incorrect API key provided: sk-proj-abcdefghijkl";

  const auto line = line_of(record);

  EXPECT_EQ(line.find("abcdefghijkl"), std::string::npos);
  EXPECT_NE(line.find(R"("level":"warning")"), std::string::npos);
  EXPECT_NE(line.find(R"("detail":"Incorrect API key provided: [redacted]")"), std::string::npos);
}

TEST(AccessLine, IsShortForPeople) {
  EXPECT_EQ(line_of(sample_record(), log::Format::Text),
            "2026-01-02T03:04:05.678Z info request 200 POST /v1/chat/completions assistant -> "
            "openai gpt-4o 22.045ms in=100 out=20 key=\"dev\" id=\"req-1\"\n");
}

TEST(AccessLine, KeepsOneLineForPeopleToo) {
  AccessRecord record;
  record.asked = "two\nlines";

  EXPECT_NE(line_of(record, log::Format::Text).find("\"two\\nlines\" -> - - 0ms\n"),
            std::string::npos);
}

TEST(AccessLine, TellsTheTimeOfEachRecord) {
  auto record = sample_record();
  const auto room = std::make_unique<char[]>(room_for(record));
  AccessLineWriter writer;
  auto time_of = [&] {
    const std::string line(room.get(), writer.write(record, log::Format::Text, room.get()));
    return line.substr(0, line.find(' '));
  };

  EXPECT_EQ(time_of(), "2026-01-02T03:04:05.678Z");
  record.time += std::chrono::milliseconds(322);
  EXPECT_EQ(time_of(), "2026-01-02T03:04:06.000Z");
  record.time -= std::chrono::hours(24);
  EXPECT_EQ(time_of(), "2026-01-01T03:04:06.000Z");
}

}  // namespace
}  // namespace sluice::telemetry
