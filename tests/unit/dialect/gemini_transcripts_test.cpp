// What Google's APIs were recorded to be asked and to answer, read and written again.
#include "base/json_writer.h"
#include "base/sse.h"
#include "dialect/gemini.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
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

files::path root() {
  return files::path(SLUICE_SOURCE_DIR) / "providers";
}

// ---- Requests

std::string camel(const std::string& name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '_' && i + 1 < name.size()) {
      out += static_cast<char>(std::toupper(name[++i]));
    } else {
      out += name[i];
    }
  }
  return out;
}

// Names in the API's own spelling, where they are the API's and not a caller's.
void respell(Json& value) {
  if (value.is_array()) {
    for (Json& one : value) respell(one);
  }
  if (!value.is_object()) return;
  Json out = Json::object();
  for (auto& [name, member] : value.items()) {
    const std::string spelled = camel(name);
    const bool callers = spelled == "args" || spelled == "response" || spelled == "parameters" ||
                         spelled == "parametersJsonSchema" || spelled == "responseJsonSchema" ||
                         spelled == "functionDeclarations";
    if (!callers) respell(member);
    out[spelled] = member;
  }
  value = out;
}

void lower_types(Json& schema) {
  if (schema.is_array()) {
    for (Json& one : schema) lower_types(one);
  }
  if (!schema.is_object()) return;
  for (auto& [name, member] : schema.items()) {
    if (name == "type" && member.is_string()) {
      std::string type = member;
      std::ranges::transform(type, type.begin(), [](unsigned char c) { return std::tolower(c); });
      member = type;
    } else {
      lower_types(member);
    }
  }
}

Json merged_contents(const Json& contents) {
  Json merged = Json::array();
  for (Json content : contents) {
    if (!content.contains("role")) content["role"] = "user";
    if (content["role"] == "function") content["role"] = "user";
    const bool results = std::ranges::all_of(
        content["parts"], [](const Json& part) { return part.contains("functionResponse"); });
    content["of results"] = content["role"] == "user" && results;
    if (!merged.empty() && merged.back()["role"] == content["role"] &&
        merged.back()["of results"] == content["of results"]) {
      for (const Json& part : content["parts"]) merged.back()["parts"].push_back(part);
    } else {
      merged.push_back(content);
    }
  }
  for (Json& content : merged) content.erase("of results");
  return merged;
}

// The ways of saying the same that are written in one way:
// - snake_case names as camelCase ones; a missing role, and "function", as "user";
// - neighbours of one role as one content, all declarations in one tool;
// - `responseSchema` as `responseJsonSchema`; `args` that are not given as {};
// - the role of system instructions, "TEXT" as the only modality, an empty generationConfig and the
//   model (it stands in the path) are left out.
Json normalised(Json body) {
  respell(body);
  body.erase("model");
  if (body.contains("contents")) body["contents"] = merged_contents(body["contents"]);
  if (body.contains("systemInstruction")) body["systemInstruction"].erase("role");
  if (body.contains("tools")) {
    Json declarations = Json::array();
    Json tools = Json::array();
    for (const Json& tool : body["tools"]) {
      for (const auto& [name, member] : tool.items()) {
        if (name == "functionDeclarations") {
          for (const Json& one : member) declarations.push_back(one);
        } else {
          tools.push_back({{name, member}});
        }
      }
    }
    if (!declarations.empty())
      tools.insert(tools.begin(), {{"functionDeclarations", declarations}});
    body["tools"] = tools;
  }
  if (body.contains("generationConfig")) {
    Json& config = body["generationConfig"];
    if (config.value("responseModalities", Json()) == Json{"TEXT"})
      config.erase("responseModalities");
    if (config.contains("responseSchema")) {
      lower_types(config["responseSchema"]);
      config["responseJsonSchema"] = config["responseSchema"];
      config.erase("responseSchema");
    }
    if (config.empty()) body.erase("generationConfig");
  }
  for (Json& content : body["contents"]) {
    for (Json& part : content["parts"]) {
      if (part.contains("functionCall") && !part["functionCall"].contains("args"))
        part["functionCall"]["args"] = Json::object();
    }
  }
  return body;
}

struct Case {
  std::string name;
  files::path folder;
  std::string api;
  std::string model;
  int status = 200;
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << one.name;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::string_view provider : {"gemini", "vertex"}) {
    for (const auto& entry : files::directory_iterator(root() / provider / "transcripts")) {
      const Json meta = Json::parse(read_file(entry.path() / "meta.json"));
      Case one{std::string(provider) + "_" + entry.path().filename().string(), entry.path(),
               meta["api"], meta["model"].is_string() ? meta["model"] : Json(""), meta["status"]};
      std::ranges::replace(one.name, '-', '_');
      if (one.api == "generateContent") all.push_back(one);
    }
  }
  std::ranges::sort(all, {}, &Case::name);
  return all;
}

std::vector<Case> asked() {
  std::vector<Case> some = cases();
  std::erase_if(some, [](const Case& one) {
    // Refused: see above.
    return !files::exists(one.folder / "request.json") ||
           one.name == "vertex_generate_error_400_a1c476";
  });
  return some;
}

TEST(TheTranscriptsOfGemini, HoldOneRequestWhoseRoleNobodyKnows) {
  const std::string text =
      read_file(root() / "vertex/transcripts/generate-error-400-a1c476/request.json");
  json::Reader reader;
  Arena arena;
  const auto body = reader.parse(text);
  ASSERT_TRUE(body);
  Conversation conversation;

  const auto read = gemini_dialect().read(*body, arena, conversation);

  ASSERT_FALSE(read);
  EXPECT_EQ(read.error()->param, "contents.role");
}

class GeminiRequests : public testing::TestWithParam<Case> {};

TEST_P(GeminiRequests, AreWrittenAsTheyWereRead) {
  const std::string text = read_file(GetParam().folder / "request.json");
  json::Reader reader;
  Arena arena;
  const auto body = reader.parse(text, {.strict_up_to = SIZE_MAX});
  ASSERT_TRUE(body);
  Conversation conversation;
  const auto read = gemini_dialect().read(*body, arena, conversation);
  ASSERT_TRUE(read) << read.error()->message;
  Losses losses({.which = DropPolicy::Which::None}, arena);
  const Wanted wanted{.model = GetParam().model};

  const auto written = gemini_dialect().write(conversation, wanted, losses, arena);

  ASSERT_TRUE(written) << written.error()->message;
  EXPECT_EQ(normalised(Json::parse(*written)), normalised(Json::parse(text)));
  EXPECT_TRUE(losses.approximated().empty());
}

INSTANTIATE_TEST_SUITE_P(Recorded, GeminiRequests, testing::ValuesIn(asked()),
                         [](const auto& given) { return given.param.name; });

// ---- Answers

// What was said, with neighbouring pieces of one text as one.
class Listener {
 public:
  void hear(const Event& event) {
    std::visit([this](const auto& said) { note(said); }, event);
  }
  Json heard() const {
    Json all = said_;
    for (Json& one : all) {
      if (one[0].is_array() && one[0][0] == "arguments") one[1] = Json::parse(std::string(one[1]));
    }
    return all;
  }

 private:
  void add(const char* what, std::uint32_t choice, std::string_view text) {
    if (text.empty()) return;
    const Json key = {what, choice};
    if (!said_.empty() && said_.back()[0] == key) {
      said_.back()[1] = said_.back()[1].get<std::string>() + std::string(text);
    } else {
      said_.push_back({key, std::string(text)});
    }
  }
  void note(const ReplyStarted& one) {
    named_ = !one.id.empty();
    said_.push_back({"started", one.id, one.model});
  }
  void note(const TextDelta& one) { add("text", one.choice, one.text); }
  void note(const ReasoningDelta& one) { add("thought", one.choice, one.text); }
  void note(const ReasoningSealed& one) {
    said_.push_back(
        {"sealed", one.choice, static_cast<int>(one.seal.by), one.seal.text, one.redacted});
  }
  void note(const ToolCallDelta& one) {
    // Of an answer without an id, those of its calls are made anew each time.
    if (!one.id.empty())
      said_.push_back({"call", one.choice, named_ ? one.id : "", one.name, one.signature.text});
    add("arguments", one.choice, one.arguments);
  }
  void note(const CitationMade& one) {
    said_.push_back({"cited", one.choice, one.citation.url, one.citation.title, one.citation.begin,
                     one.citation.end});
  }
  void note(const LogprobsDelta& one) { said_.push_back({"logprobs", Json::parse(one.content)}); }
  void note(const AudioDelta& one) { said_.push_back({"audio", one.base64}); }
  void note(const MediaMade& one) {
    said_.push_back({"media", one.media.media_type, one.media.data});
  }
  void note(const ForeignMade& one) { said_.push_back({"foreign", Json::parse(one.block.json)}); }
  void note(const ReplyStopped& one) {
    said_.push_back({"stopped", one.choice, static_cast<int>(one.reason), one.native});
  }
  void note(const ReplyExtra& one) {
    extras_[std::string(one.extra.name)] = Json::parse(one.extra.json);
  }
  void note(const Usage&) {}
  void note(const RefusalDelta&) {}
  void note(const BlockEnded&) {}
  template <class Other>
  void note(const Other&) {
    said_.push_back("of another operation");
  }

  bool named_ = false;
  Json said_ = Json::array();
  Json extras_ = Json::object();
};

struct Heard {
  Json said;
  std::optional<Usage> usage;
  std::string error;
  bool finished = false;

  bool operator==(const Heard&) const = default;
};

void PrintTo(const Heard& heard, std::ostream* out) {
  *out << heard.said.dump(1) << " finished: " << heard.finished << " error: " << heard.error;
  if (heard.usage) {
    *out << " usage: " << heard.usage->input << " " << heard.usage->cached << " "
         << heard.usage->output << " " << heard.usage->reasoning << " " << heard.usage->searches;
  }
}

// `hear` gets the events of each frame while they live.
template <class Hear>
Heard decode(std::string_view answer, bool stream, const std::vector<std::size_t>& cuts,
             Hear hear) {
  Arena arena;
  json::Reader reader;
  const auto decoder = gemini_dialect().decoder(arena, reader);
  Listener listener;
  Heard heard;
  const auto listen = [&](const Meaning& meaning) {
    for (const Event& event : meaning.events) listener.hear(event);
    hear(std::span<const Event>(meaning.events));
  };
  if (!stream) {
    Meaning meaning;
    const auto result = decoder->body(answer, &meaning);
    if (!result) heard.error = result.error()->message;
    listen(meaning);
  } else {
    sse::Splitter splitter(kMaxEvent);
    std::string pending;
    std::string scratch;
    std::size_t begin = 0;
    for (const std::size_t end : cuts) {
      pending += answer.substr(begin, end - begin);
      begin = end;
      std::string_view rest = pending;
      sse::Frame frame;
      while (heard.error.empty() && splitter.next(rest, frame) == sse::Splitter::Step::Frame) {
        if (!frame.has_data()) continue;
        Meaning meaning;
        const auto signals = decoder->frame(frame.event(), frame.data(scratch), &meaning);
        if (!signals) heard.error = signals.error()->message;
        listen(meaning);
      }
      pending.erase(0, pending.size() - rest.size());
    }
  }
  heard.said = listener.heard();
  heard.usage = decoder->usage();
  heard.finished = decoder->finished();
  return heard;
}

Heard decode(std::string_view answer, bool stream, const std::vector<std::size_t>& cuts) {
  return decode(answer, stream, cuts, [](std::span<const Event>) {});
}

class GeminiAnswers : public testing::TestWithParam<Case> {
 protected:
  GeminiAnswers()
      : stream_(files::exists(GetParam().folder / "stream.sse")),
        answer_(read_file(GetParam().folder / (stream_ ? "stream.sse" : "response.json"))) {}

  Heard whole() const { return decode(answer_, stream_, {answer_.size()}); }

  // Decoded, encoded in that shape, and decoded again.
  Heard again(const Shape& shape) const {
    Arena arena;
    const auto encoder = gemini_dialect().encoder(arena, shape);
    std::string out;
    const Heard first = decode(answer_, stream_, {answer_.size()},
                               [&](std::span<const Event> events) { encoder->say(events, out); });
    encoder->end(out);
    return decode(out, shape.stream && !shape.array, {out.size()});
  }

  bool stream_;
  std::string answer_;
};

TEST_P(GeminiAnswers, AreHeardToTheirEnd) {
  const Heard heard = whole();

  EXPECT_EQ(heard.error, "");
  EXPECT_TRUE(heard.finished);
  EXPECT_FALSE(heard.said.empty());
}

TEST_P(GeminiAnswers, SayTheSameByteByByte) {
  if (!stream_) return;
  std::vector<std::size_t> cuts;
  for (std::size_t at = 1; at <= answer_.size(); ++at) cuts.push_back(at);

  EXPECT_EQ(decode(answer_, true, cuts), whole());
}

TEST_P(GeminiAnswers, SayTheSameCutInTwo) {
  if (!stream_) return;
  const Heard expected = whole();
  for (std::size_t at = 1; at < answer_.size(); ++at) {
    const std::size_t from = at < 3 ? 0 : at - 3;
    const bool near_an_end = answer_.substr(from, 6).find('\n') != std::string::npos;
    if (!near_an_end && at % 97 != 0) continue;
    ASSERT_EQ(decode(answer_, true, {at, answer_.size()}), expected) << "cut at " << at;
  }
}

TEST_P(GeminiAnswers, SayTheSameWrittenAsAStream) {
  Shape shape;
  shape.stream = true;
  EXPECT_EQ(again(shape), whole());
}

TEST_P(GeminiAnswers, SayTheSameWrittenAsAList) {
  Shape shape;
  shape.stream = true;
  shape.array = true;
  EXPECT_EQ(again(shape), whole());
}

TEST_P(GeminiAnswers, SayTheSameWrittenWhole) {
  EXPECT_EQ(again({}), whole());
}

std::vector<Case> answered() {
  std::vector<Case> some = cases();
  std::erase_if(some, [](const Case& one) { return one.status != 200; });
  return some;
}

INSTANTIATE_TEST_SUITE_P(Recorded, GeminiAnswers, testing::ValuesIn(answered()),
                         [](const auto& given) { return given.param.name; });

TEST(TheTranscriptsOfGemini, AreThere) {
  EXPECT_GE(asked().size(), 35U);
  EXPECT_GE(answered().size(), 38U);
}

}  // namespace
}  // namespace sluice::dialect
