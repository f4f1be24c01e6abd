// What Anthropic's API was sent and answered: read, told in our words and told again.
#include "base/sse.h"
#include "dialect/anthropic_messages.h"

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

std::string read_file(const files::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::vector<std::string> cases_with(std::string_view file, bool of_conversations) {
  std::vector<std::string> names;
  for (const auto& entry : files::directory_iterator(files::path(SLUICE_SOURCE_DIR) /
                                                     "providers/anthropic/transcripts")) {
    const Json meta = Json::parse(read_file(entry.path() / "meta.json"));
    const bool wanted =
        !of_conversations || (meta["api"] == "messages" && meta["status"].get<int>() == 200);
    if (wanted && files::exists(entry.path() / file)) names.push_back(entry.path().filename());
  }
  std::ranges::sort(names);
  return names;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::ranges::replace_if(name, [](char letter) { return std::isalnum(letter) == 0; }, '_');
  return name;
}

class AnthropicTranscripts : public testing::TestWithParam<std::string> {
 protected:
  std::string file(std::string_view name) const {
    return read_file(files::path(SLUICE_SOURCE_DIR) / "providers/anthropic/transcripts" /
                     GetParam() / name);
  }

  Arena arena_;
  json::Reader reader_;
};

// ---- Requests

// What means the same in two ways is put into one of them: a string is an array of one text; what
// is said by default need not be said.
Json plain_blocks(Json content) {
  if (content.is_string()) return Json::array({{{"type", "text"}, {"text", content}}});
  for (Json& block : content) {
    if (block["type"] != "tool_result") continue;
    if (block.contains("is_error") && block["is_error"] == false) block.erase("is_error");
    if (block.contains("content")) block["content"] = plain_blocks(block["content"]);
  }
  return content;
}

Json plain(Json request) {
  if (request.contains("system")) request["system"] = plain_blocks(request["system"]);
  Json messages = Json::array();
  for (Json& message : request["messages"]) {
    message["content"] = plain_blocks(message["content"]);
    if (!messages.empty() && messages.back()["role"] == message["role"]) {
      for (Json& block : message["content"]) messages.back()["content"].push_back(block);
    } else {
      messages.push_back(message);
    }
  }
  request["messages"] = messages;
  if (request.contains("stream") && request["stream"] == false) request.erase("stream");
  if (request.contains("tools")) {
    for (Json& tool : request["tools"]) {
      if (tool.contains("type") && tool["type"] == "custom") tool.erase("type");
      if (tool.contains("description") && tool["description"] == "") tool.erase("description");
    }
  }
  return request;
}

class AnthropicRequests : public AnthropicTranscripts {};

TEST_P(AnthropicRequests, AreWrittenAsTheyWereRead) {
  const std::string text = file("request.json");
  const Json original = Json::parse(text);
  Conversation conversation;
  const auto root = reader_.parse(text);
  ASSERT_TRUE(root);
  const auto read = read_messages(*root, arena_, conversation);
  ASSERT_TRUE(read) << read.error()->message;

  Losses losses({.which = DropPolicy::Which::None}, arena_);
  const std::string model = original["model"];
  const bool stream = original.contains("stream") && original["stream"] == true;
  const auto written =
      write_messages(conversation, {.model = model, .stream = stream}, losses, arena_);
  ASSERT_TRUE(written) << written.error()->message;

  Json again = plain(Json::parse(*written));
  // Asking only for the number of tokens needs no limit; every answer does.
  if (!original.contains("max_tokens")) again.erase("max_tokens");
  EXPECT_EQ(again, plain(original));
  EXPECT_TRUE(losses.approximated().empty());
}

INSTANTIATE_TEST_SUITE_P(, AnthropicRequests, testing::ValuesIn(cases_with("request.json", false)),
                         test_name);

// ---- Answers

Json json_of(const Usage& usage) {
  return {{"input", usage.input},
          {"cached", usage.cached},
          {"cache_write", usage.cache_write},
          {"cache_write_1h", usage.cache_write_1h},
          {"output", usage.output},
          {"reasoning", usage.reasoning},
          {"searches", usage.searches}};
}

// Says all that was heard: neighbouring pieces of one text are one.
class Listener {
 public:
  void hear(const Event& event) {
    std::visit([this](const auto& what) { hear(what); }, event);
  }
  Json heard;

 private:
  void add(Json kind, std::string_view text) {
    if (heard.empty() || ended_ || heard.back()[0] != kind) heard.push_back({kind, ""});
    heard.back()[1] = heard.back()[1].get<std::string>() + std::string(text);
    ended_ = false;
  }
  void hear(const ReplyStarted& started) {
    heard.push_back({"started", started.id, started.model});
  }
  void hear(const TextDelta& delta) { add("text", delta.text); }
  void hear(const ReasoningDelta& delta) { add("thought", delta.text); }
  void hear(const ReasoningSealed& sealed) {
    heard.push_back({"sealed", sealed.seal.text, sealed.redacted});
  }
  void hear(const ToolCallDelta& delta) {
    const Json kind = {"call", delta.index};
    if (!delta.name.empty()) heard.push_back({{"call of", delta.index}, delta.id, delta.name});
    if (!delta.arguments.empty()) add(kind, delta.arguments);
  }
  void hear(const CitationMade& made) { cited.push_back(Json::parse(made.citation.json)); }
  void hear(const ForeignMade& made) { heard.push_back({"foreign", Json::parse(made.block.json)}); }
  void hear(const BlockEnded&) { ended_ = true; }
  void hear(const ReplyStopped& stopped) {
    heard.push_back({"stopped", stopped.native, stopped.stop_sequence});
  }
  void hear(const ReplyExtra& extra) {
    extras[std::string(extra.extra.name)] = Json::parse(extra.extra.json);
  }
  void hear(const Usage& usage) { last_usage = json_of(usage); }
  template <class T>
  void hear(const T&) {
    FAIL() << "said what Anthropic does not say";
  }

  bool ended_ = false;

 public:
  Json cited = Json::array();
  Json extras = Json::object();
  Json last_usage;

  Json all() const {
    return {{"heard", heard}, {"cited", cited}, {"extras", extras}, {"usage", last_usage}};
  }
};

class AnthropicAnswers : public AnthropicTranscripts {
 protected:
  // Fed in pieces that end at these offsets.
  Json listen(std::string_view stream, const std::vector<std::size_t>& cuts,
              Encoder* encoder = nullptr, std::string* encoded = nullptr) {
    Arena arena;
    const auto decoder = messages_decoder(arena, reader_);
    sse::Splitter splitter(kMaxEvent);
    Listener listener;
    std::string pending;
    std::string scratch;
    std::size_t begin = 0;
    for (const std::size_t end : cuts) {
      pending += stream.substr(begin, end - begin);
      begin = end;
      std::string_view rest = pending;
      sse::Frame frame;
      while (!decoder->ended() && splitter.next(rest, frame) == sse::Splitter::Step::Frame) {
        if (!frame.has_data()) continue;
        Meaning meaning;
        const auto signals = decoder->frame(frame.event(), frame.data(scratch), &meaning);
        EXPECT_TRUE(signals) << signals.error()->message;
        if (!signals) return listener.all();
        for (const Event& event : meaning.events) listener.hear(event);
        if (encoder) encoder->say(meaning.events, *encoded);
      }
      pending.erase(0, pending.size() - rest.size());
    }
    if (encoder) encoder->end(*encoded);
    EXPECT_TRUE(decoder->ended());
    EXPECT_EQ(json_of(decoder->usage().value_or(Usage{})), listener.last_usage);
    return listener.all();
  }

  Json listen_whole(std::string_view body, Encoder* encoder = nullptr,
                    std::string* encoded = nullptr) {
    Arena arena;
    const auto decoder = messages_decoder(arena, reader_);
    Meaning meaning;
    Listener listener;
    const auto read = decoder->body(body, &meaning);
    EXPECT_TRUE(read) << read.error()->message;
    for (const Event& event : meaning.events) listener.hear(event);
    if (encoder) encoder->say(meaning.events, *encoded);
    if (encoder) encoder->end(*encoded);
    return listener.all();
  }
};

class AnthropicStreams : public AnthropicAnswers {};

TEST_P(AnthropicStreams, SayTheSameHoweverTheyAreCut) {
  const std::string stream = file("stream.sse");
  const Json whole = listen(stream, {stream.size()});
  std::vector<std::size_t> bytes;
  for (std::size_t at = 1; at <= stream.size(); ++at) bytes.push_back(at);

  EXPECT_EQ(listen(stream, bytes), whole);
  for (std::size_t at = 1; at < stream.size(); at += 1 + stream.size() / 400) {
    EXPECT_EQ(listen(stream, {at, stream.size()}), whole) << at;
  }
}

TEST_P(AnthropicStreams, SayTheSameAgainWhenTheyAreWrittenAnew) {
  const std::string stream = file("stream.sse");
  const auto encoder = messages_encoder(arena_, {.stream = true, .id = "r1", .model = "asked"});
  std::string again;
  const Json first = listen(stream, {stream.size()}, encoder.get(), &again);

  EXPECT_EQ(listen(again, {again.size()}), first);
}

TEST_P(AnthropicStreams, SayTheSameAsOneBody) {
  const std::string stream = file("stream.sse");
  const auto encoder = messages_encoder(arena_, {.id = "r1", .model = "asked"});
  std::string body;
  const Json first = listen(stream, {stream.size()}, encoder.get(), &body);

  EXPECT_EQ(listen_whole(body), first);
}

INSTANTIATE_TEST_SUITE_P(, AnthropicStreams, testing::ValuesIn(cases_with("stream.sse", true)),
                         test_name);

class AnthropicBodies : public AnthropicAnswers {};

TEST_P(AnthropicBodies, SayTheSameAgainWhenTheyAreWrittenAnew) {
  const auto encoder = messages_encoder(arena_, {.id = "r1", .model = "asked"});
  std::string again;
  const Json first = listen_whole(file("response.json"), encoder.get(), &again);

  EXPECT_EQ(listen_whole(again), first);
  // Who called a tool is not among our words: nobody but this provider tells it.
  Json content = Json::parse(file("response.json"))["content"];
  for (Json& block : content) {
    if (block["type"] == "tool_use") block.erase("caller");
  }
  EXPECT_EQ(Json::parse(again)["content"], content);
}

TEST_P(AnthropicBodies, SayTheSameAsAStream) {
  const auto encoder = messages_encoder(arena_, {.stream = true, .id = "r1", .model = "asked"});
  std::string stream;
  const Json first = listen_whole(file("response.json"), encoder.get(), &stream);

  EXPECT_EQ(listen(stream, {stream.size()}), first);
}

INSTANTIATE_TEST_SUITE_P(, AnthropicBodies, testing::ValuesIn(cases_with("response.json", true)),
                         test_name);

}  // namespace
}  // namespace sluice::dialect
