// What the tests of the Responses dialect share: the recorded cases, and a listener to answers.
#pragma once

#include "base/sse.h"
#include "dialect/openai_responses.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dialect::responses_test {

using Json = nlohmann::json;
namespace files = std::filesystem;

inline std::string read_file(const files::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// Recorded cases of this API that hold a file of this name: "openai/responses-…".
inline std::vector<std::string> recorded(std::string_view file) {
  std::vector<std::string> names;
  for (const auto& provider :
       files::directory_iterator(files::path(SLUICE_SOURCE_DIR) / "providers")) {
    const files::path transcripts = provider.path() / "transcripts";
    if (!files::is_directory(transcripts)) continue;
    for (const auto& folder : files::directory_iterator(transcripts)) {
      if (!files::exists(folder.path() / file)) continue;
      const Json meta = Json::parse(read_file(folder.path() / "meta.json"));
      const std::string api = meta.value("api", "");
      const int status = meta.value("status", 200);
      if (api != "responses") continue;
      if (file == "response.json" && status != 200) continue;
      names.push_back(provider.path().filename().string() + "/" +
                      folder.path().filename().string());
    }
  }
  std::ranges::sort(names);
  return names;
}

inline files::path folder_of(const std::string& name) {
  const std::size_t slash = name.find('/');
  return files::path(SLUICE_SOURCE_DIR) / "providers" / name.substr(0, slash) / "transcripts" /
         name.substr(slash + 1);
}

inline std::string case_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::ranges::replace_if(
      name, [](unsigned char letter) { return std::isalnum(letter) == 0; }, '_');
  return name;
}

// All that an answer says, with neighbouring deltas of one kind made one.
class Heard {
 public:
  void hear(const Event& event) {
    std::visit([this](const auto& one) { take(one); }, event);
  }
  Json said = Json::array();
  Json stops = Json::array();
  Usage usage;
  std::string id;
  std::string model;
  std::int64_t created = 0;

 private:
  void add(std::string_view kind, std::string_view text, const Json& more = Json::object()) {
    const bool goes_on =
        !said.empty() && said.back()["kind"] == kind && !ended_ && said.back()["more"] == more;
    ended_ = false;
    if (goes_on) {
      said.back()["text"] = said.back()["text"].get<std::string>() + std::string(text);
    } else {
      said.push_back({{"kind", kind}, {"text", text}, {"more", more}});
    }
  }
  void take(const ReplyStarted& event) {
    id = event.id;
    model = event.model;
    created = event.created;
  }
  void take(const TextDelta& event) { add("text", event.text); }
  void take(const RefusalDelta& event) { add("refusal", event.text); }
  void take(const ReasoningDelta& event) { add("thought", event.text); }
  void take(const ReasoningSealed& event) {
    said.push_back({{"kind", "seal"},
                    {"text", event.seal.text},
                    {"redacted", event.redacted},
                    {"more", static_cast<int>(event.seal.by)}});
  }
  void take(const ToolCallDelta& event) {
    Json* call = nullptr;
    for (Json& one : said) {
      if (one["kind"] == "call" && one["index"] == event.index) call = &one;
    }
    if (!call) {
      said.push_back({{"kind", "call"},
                      {"index", event.index},
                      {"id", ""},
                      {"name", ""},
                      {"text", ""},
                      {"more", static_cast<int>(event.kind)}});
      call = &said.back();
    }
    const std::pair<std::string_view, std::string_view> members[] = {
        {"id", event.id}, {"name", event.name}, {"text", event.arguments}};
    for (const auto& [member, text] : members)
      (*call)[member] = (*call)[member].get<std::string>() + std::string(text);
  }
  void take(const CitationMade& event) {
    said.push_back({{"kind", "citation"},
                    {"text", event.citation.url},
                    {"more", {event.citation.begin, event.citation.end}}});
  }
  void take(const LogprobsDelta& event) {
    for (const Json& one : Json::parse(event.content)) logprobs_.push_back(one);
  }
  void take(const MediaMade& event) {
    said.push_back(
        {{"kind", "media"}, {"text", event.media.data}, {"more", event.media.media_type}});
  }
  void take(const ForeignMade& event) {
    said.push_back(
        {{"kind", "foreign"}, {"text", event.block.type}, {"more", Json::parse(event.block.json)}});
  }
  void take(const BlockEnded&) { ended_ = true; }
  void take(const Usage& event) { usage = event; }
  void take(const ReplyStopped& event) { stops.push_back(static_cast<int>(event.reason)); }
  template <class Other>
  void take(const Other&) {}

  bool ended_ = false;
  Json logprobs_ = Json::array();

 public:
  bool operator==(const Heard& other) const {
    return said == other.said && stops == other.stops && usage == other.usage &&
           logprobs_ == other.logprobs_;
  }
  friend std::ostream& operator<<(std::ostream& out, const Heard& heard) {
    return out << heard.said.dump(1) << heard.stops << heard.logprobs_;
  }
};

// What a stream says, fed in pieces that end at these offsets. `failure`: of the stream, if any.
inline Heard hear_stream(std::string_view stream, const std::vector<std::size_t>& cuts,
                         std::string* failure = nullptr) {
  Arena arena;
  json::Reader reader;
  const auto decoder = responses_dialect().decoder(arena, reader);
  sse::Splitter splitter(std::size_t{16} << 20);
  Heard heard;
  std::string pending;
  std::string scratch;
  std::size_t begin = 0;
  for (const std::size_t end : cuts) {
    pending += stream.substr(begin, end - begin);
    begin = end;
    std::string_view rest = pending;
    sse::Frame frame;
    while (splitter.next(rest, frame) == sse::Splitter::Step::Frame) {
      if (!frame.has_data()) continue;
      Meaning meaning;
      const auto signals = decoder->frame(frame.event(), frame.data(scratch), &meaning);
      if (!signals) {
        if (failure) *failure = signals.error()->code;
        return heard;
      }
      for (const Event& event : meaning.events) heard.hear(event);
    }
    pending.erase(0, pending.size() - rest.size());
  }
  EXPECT_TRUE(decoder->ended());
  return heard;
}

inline Heard hear_body(std::string_view body) {
  Arena arena;
  json::Reader reader;
  const auto decoder = responses_dialect().decoder(arena, reader);
  Meaning meaning;
  Heard heard;
  const auto read = decoder->body(body, &meaning);
  EXPECT_TRUE(read) << (read ? "" : read.error()->message);
  for (const Event& event : meaning.events) heard.hear(event);
  return heard;
}

}  // namespace sluice::dialect::responses_test
