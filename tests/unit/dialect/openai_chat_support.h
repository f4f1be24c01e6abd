// What the tests of chat completions share: requests that are read and written again, and answers
// that are heard and told.
#pragma once

#include "base/sse.h"
#include "dialect/conversation_dialect.h"
#include "dialect/openai_chat.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dialect::chat_test {

using Json = nlohmann::json;
namespace files = std::filesystem;

inline std::string read_file(const files::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// Folders of recorded cases of this API that hold a file of this name.
inline std::vector<std::string> recorded(std::string_view api, std::string_view file) {
  std::vector<std::string> found;
  for (const auto& entry :
       files::recursive_directory_iterator(files::path(SLUICE_SOURCE_DIR) / "providers")) {
    if (entry.path().filename() != "meta.json") continue;
    const Json meta = Json::parse(read_file(entry.path()));
    const files::path folder = entry.path().parent_path();
    if (meta.value("api", "") == api && files::exists(folder / file)) found.push_back(folder);
  }
  std::ranges::sort(found);
  return found;
}

inline std::string case_name(const testing::TestParamInfo<std::string>& info) {
  const files::path folder(info.param);
  std::string name =
      folder.parent_path().parent_path().filename().string() + "_" + folder.filename().string();
  std::ranges::replace_if(
      name, [](unsigned char letter) { return std::isalnum(letter) == 0; }, '_');
  return name;
}

// One request on its way through our own words.
class Asking {
 public:
  explicit Asking(const ConversationDialect& dialect = chat_dialect()) : dialect_(dialect) {}

  // Empty: it was read; else the field at fault.
  std::string read(std::string_view body) {
    const auto root = reader_.parse(arena.keep(body));
    if (!root) return root.error()->message;
    const auto done = dialect_.read(*root, arena, conversation);
    return done ? std::string() : done.error()->param;
  }
  // What is asked of a target; null when it was refused, `refused` says why.
  Json write() {
    Losses losses(policy, arena);
    const auto body = dialect_.write(conversation, wanted, losses, arena);
    dropped.assign(losses.dropped().begin(), losses.dropped().end());
    approximated.assign(losses.approximated().begin(), losses.approximated().end());
    refused = body ? std::string() : body.error()->param;
    return body ? Json::parse(*body) : Json();
  }
  Json again(std::string_view body) {
    EXPECT_EQ(read(body), "");
    return write();
  }
  const Turn& turn(std::size_t i) const { return conversation.turns[i]; }
  template <class Kind>
  const Kind& part(std::size_t at, std::size_t i) const {
    return std::get<Kind>(conversation.turns[at].parts[i].what);
  }

  Arena arena;
  Conversation conversation;
  Wanted wanted{.model = "m"};
  DropPolicy policy;
  std::vector<std::string> dropped;
  std::vector<std::string> approximated;
  std::string refused;

 private:
  const ConversationDialect& dialect_;
  json::Reader reader_;
};

// Answers: decoded from frames or a body, and told again.
class Answering {
 public:
  explicit Answering(const ConversationDialect& dialect = chat_dialect())
      : dialect_(dialect), decoder_(dialect.decoder(arena_, reader_)) {}

  Result<Signals> frame(std::string_view data) {
    return decoder_->frame({}, meaning.texts.keep(data), &meaning);
  }
  Result<void> body(std::string_view text) {
    return decoder_->body(meaning.texts.keep(text), &meaning);
  }
  template <class Kind>
  std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const Event& event : meaning.events) {
      if (const auto* one = std::get_if<Kind>(&event)) found.push_back(*one);
    }
    return found;
  }
  std::string told(const Shape& shape) { return told(shape, meaning.events); }
  std::string told(const Shape& shape, std::span<const Event> events) {
    const auto encoder = dialect_.encoder(arena_, shape);
    std::string out;
    encoder->say(events, out);
    encoder->end(out);
    return out;
  }
  const Decoder& decoder() const { return *decoder_; }

  Meaning meaning;

 private:
  const ConversationDialect& dialect_;
  Arena arena_;
  json::Reader reader_;
  ArenaPtr<Decoder> decoder_;
};

// The chunks of a stream, without [DONE], which must end it.
inline std::vector<Json> chunks(std::string_view stream) {
  std::vector<Json> found;
  sse::Splitter splitter(1 << 20);
  sse::Frame frame;
  std::string scratch;
  bool done = false;
  while (splitter.next(stream, frame) == sse::Splitter::Step::Frame) {
    EXPECT_FALSE(done);
    done = frame.data(scratch) == "[DONE]";
    if (!done) found.push_back(Json::parse(frame.data(scratch)));
  }
  EXPECT_TRUE(done);
  EXPECT_TRUE(stream.empty());
  return found;
}

inline Shape whole() {
  Shape shape;
  shape.id = "r1";
  shape.model = "m";
  shape.now = 1'700'000'000;
  return shape;
}
inline Shape streamed(bool usage_asked = true) {
  Shape shape = whole();
  shape.stream = true;
  shape.usage_asked = usage_asked;
  return shape;
}

}  // namespace sluice::dialect::chat_test
