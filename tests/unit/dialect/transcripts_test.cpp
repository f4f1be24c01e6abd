// Every recorded stream says the same whole, byte by byte and cut in two anywhere.
#include "base/sse.h"
#include "dialect/openai_decoder.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace sluice::dialect {
namespace {

using Json = nlohmann::json;
namespace files = std::filesystem;

constexpr std::size_t kMaxEvent = std::size_t{16} << 20;

std::string read(const files::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::string_view name_of(FinishReason reason) {
  switch (reason) {
    case FinishReason::Stop:
      return "stop";
    case FinishReason::Length:
      return "length";
    case FinishReason::ToolCalls:
      return "tool_calls";
    case FinishReason::ContentFilter:
      return "content_filter";
    default:
      return "other";
  }
}

// All that a stream says, in the shape of expected.json.
class Listener {
 public:
  void hear(const Event& event) {
    if (const auto* text = std::get_if<TextDelta>(&event)) {
      if (!text->text.empty()) add(texts_[std::to_string(text->choice)], text->text);
    } else if (const auto* call = std::get_if<ToolCallDelta>(&event)) {
      while (calls_.size() <= call->index)
        calls_.push_back({{"id", ""}, {"name", ""}, {"arguments", ""}});
      add(calls_[call->index]["id"], call->id);
      add(calls_[call->index]["name"], call->name);
      add(calls_[call->index]["arguments"], call->arguments);
    } else if (const auto* stopped = std::get_if<ReplyStopped>(&event)) {
      finish_[std::to_string(stopped->choice)] = name_of(stopped->reason);
    }
  }
  void fail(std::string message) { error_ = std::move(message); }

  Json heard(const std::optional<Usage>& usage) const {
    Json all{{"text", texts_},
             {"tool_calls", calls_},
             {"finish", finish_},
             {"usage", nullptr},
             {"error", error_}};
    if (usage) {
      all["usage"] = {{"input", usage->input},
                      {"cached", usage->cached},
                      {"cache_write", usage->cache_write},
                      {"output", usage->output},
                      {"reasoning", usage->reasoning}};
    }
    return all;
  }

 private:
  static void add(Json& to, std::string_view text) {
    to = (to.is_string() ? to.get<std::string>() : std::string()) + std::string(text);
  }

  Json texts_ = Json::object();
  Json calls_ = Json::array();
  Json finish_ = Json::object();
  Json error_;
};

class Transcripts : public testing::TestWithParam<std::string> {
 protected:
  Transcripts()
      : folder_(files::path(SLUICE_SOURCE_DIR) / "providers/openai/transcripts" / GetParam()),
        stream_(read(folder_ / "stream.sse")),
        expected_(Json::parse(read(folder_ / "expected.json"))) {}

  ArenaPtr<Decoder> decoder() {
    return GetParam().starts_with("responses")
               ? make_responses_decoder(arena_, reader_)
               : make_chat_decoder(arena_, reader_, UsageEvent::Pass);
  }

  // Fed in pieces that end at these offsets.
  Json heard(const std::vector<std::size_t>& cuts) {
    arena_.reset();
    auto decoding = decoder();
    sse::Splitter splitter(kMaxEvent);
    Listener listener;
    std::string pending;
    std::string scratch;
    std::size_t begin = 0;
    for (const std::size_t end : cuts) {
      pending += std::string_view(stream_).substr(begin, end - begin);
      begin = end;
      std::string_view rest = pending;
      sse::Frame frame;
      while (splitter.next(rest, frame) == sse::Splitter::Step::Frame) {
        if (!frame.has_data()) continue;
        Meaning meaning;
        const auto signals = decoding->frame(frame.event(), frame.data(scratch), &meaning);
        if (!signals) {
          listener.fail(signals.error()->message);
          return listener.heard(decoding->usage());
        }
        for (const Event& event : meaning.events) listener.hear(event);
      }
      pending.erase(0, pending.size() - rest.size());
    }
    EXPECT_TRUE(decoding->ended());
    return listener.heard(decoding->usage());
  }

  files::path folder_;
  std::string stream_;
  Json expected_;
  Arena arena_;
  json::Reader reader_;
};

TEST_P(Transcripts, SayWhatWasHeardWhole) {
  EXPECT_EQ(heard({stream_.size()}), expected_);
}

TEST_P(Transcripts, SayTheSameByteByByte) {
  std::vector<std::size_t> cuts;
  for (std::size_t at = 1; at <= stream_.size(); ++at) cuts.push_back(at);

  EXPECT_EQ(heard(cuts), expected_);
}

// Every boundary near the ends of lines and every few bytes elsewhere: all of them would take
// the square of the stream's length.
TEST_P(Transcripts, SayTheSameCutInTwo) {
  for (std::size_t at = 1; at < stream_.size(); ++at) {
    const std::size_t from = at < 3 ? 0 : at - 3;
    const bool near_an_end = stream_.substr(from, 6).find('\n') != std::string::npos;
    if (!near_an_end && at % 61 != 0) continue;
    ASSERT_EQ(heard({at, stream_.size()}), expected_) << "cut at " << at;
  }
}

std::vector<std::string> cases() {
  std::vector<std::string> names;
  const auto root = files::path(SLUICE_SOURCE_DIR) / "providers/openai/transcripts";
  for (const auto& entry : files::directory_iterator(root)) {
    // Those without are in tests/golden.
    if (files::exists(entry.path() / "expected.json")) names.push_back(entry.path().filename());
  }
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(OpenAi, Transcripts, testing::ValuesIn(cases()), [](const auto& given) {
  std::string name = given.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(TheTranscripts, AreThere) {
  EXPECT_GE(cases().size(), 8U);
}

}  // namespace
}  // namespace sluice::dialect
