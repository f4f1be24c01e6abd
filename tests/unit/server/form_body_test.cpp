#include "server/form_body.h"

#include "unit/net/drive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace sluice::server {
namespace {

using testing::HasSubstr;

// A body that comes in pieces of one size.
class Pieces final : public BodySource {
 public:
  Pieces(std::string text, std::size_t piece, bool announced = true)
      : text_(std::move(text)), piece_(piece), announced_(announced) {}

  std::optional<std::uint64_t> size() const override {
    return announced_ ? std::optional<std::uint64_t>(text_.size()) : std::nullopt;
  }
  Task<Result<std::string_view>> next() override {
    // What was given before is gone, as a connection's buffer is.
    given_ = text_.substr(std::min(at_, text_.size()), piece_);
    at_ += given_.size();
    if (fails_at_ && at_ >= fails_at_)
      co_return fail(ErrorKind::ClientGone, "invalid_request", "gone");
    co_return std::string_view(given_);
  }
  std::size_t read() const { return at_; }
  void fail_at(std::size_t at) { fails_at_ = at; }

 private:
  std::string text_;
  std::size_t piece_;
  bool announced_;
  std::size_t at_ = 0;
  std::size_t fails_at_ = 0;
  std::string given_;
};

constexpr std::string_view kType = "multipart/form-data; boundary=XX";

std::string field(std::string_view name, std::string_view value) {
  return "--XX\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
         std::string(value) + "\r\n";
}
std::string file(std::string_view content, std::string_view name = "file") {
  return "--XX\r\nContent-Disposition: form-data; name=\"" + std::string(name) +
         "\"; filename=\"a.wav\"\r\n\r\n" + std::string(content) + "\r\n";
}
const std::string kEnd = "--XX--\r\n";

std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t seed = 7;
  for (char& byte : bytes) byte = static_cast<char>((seed = seed * 1664525U + 1013904223U) >> 24U);
  return bytes;
}

class Forms : public testing::Test {
 protected:
  Result<std::unique_ptr<SpooledForm>> read(BodySource& source, std::string_view type = kType) {
    return net::run(loop_, read_form(source, type, settings_));
  }
  // What a provider would get; empty and a failure's message in error_ when it is cut off.
  std::string drain(SpooledForm& form) {
    std::string body;
    for (;;) {
      auto piece = net::run(loop_, form.next());
      if (!piece) {
        error_ = piece.error()->message;
        return body;
      }
      if (piece->empty()) return body;
      body += *piece;
    }
  }
  std::string refusal(const std::string& body, std::string_view type = kType) {
    Pieces source(body, 7);
    auto form = read(source, type);
    if (form) return "";
    EXPECT_EQ(form.error()->kind, ErrorKind::InvalidRequest);
    EXPECT_EQ(form.error()->code, "invalid_request");
    return form.error()->param + ": " + form.error()->message;
  }

  net::Loop loop_;
  FormSettings settings_;
  std::string error_;
};

TEST_F(Forms, TellWhatTheirFieldsSay) {
  Pieces source(field("model", "whisper-1") + field("stream", "True") + field("user", "u-1") +
                    file("RIFF") + kEnd,
                10);
  const auto form = read(source);

  ASSERT_TRUE(form);
  EXPECT_EQ((*form)->model(), "whisper-1");
  EXPECT_EQ((*form)->user(), "u-1");
  EXPECT_TRUE((*form)->stream());
}

TEST_F(Forms, AreReadNoFurtherThanToTheFileBehindTheModel) {
  const std::string start = field("model", "m") + file("");
  const std::string body = field("model", "m") + file(noise(500'000)) + kEnd;
  Pieces source(body, 64);
  const auto form = read(source);

  ASSERT_TRUE(form);
  EXPECT_LT(source.read(), start.size() + 64);
  EXPECT_EQ(drain(**form), body);
  EXPECT_EQ(error_, "");
}

TEST_F(Forms, AreReadNoFurtherThanALittleBehindTheModel) {
  const std::string body = field("model", "m") + field("prompt", noise(300'000)) + kEnd;
  Pieces source(body, 1000);
  const auto form = read(source);

  ASSERT_TRUE(form);
  EXPECT_LT(source.read(), 70'000U);
  EXPECT_EQ(drain(**form), body);
}

TEST_F(Forms, PassOnAsTheyCame) {
  const std::string body = file(noise(5000)) + field("model", "m") + field("stream", "true") + kEnd;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{13}, std::size_t{100000}}) {
    Pieces source(body, piece);
    const auto form = read(source);
    ASSERT_TRUE(form);
    EXPECT_TRUE((*form)->stream());
    EXPECT_EQ((*form)->size(), body.size());
    EXPECT_EQ(drain(**form), body);
    EXPECT_EQ(error_, "");
  }
}

TEST_F(Forms, CarryTheModelsNewName) {
  const auto body = [](std::string_view model) {
    return field("a", "1") + field("model", model) + file(noise(3000)) + field("b", "2") + kEnd;
  };
  for (const std::string_view name : {"gpt-4o-transcribe", "x", "whisper-2", ""}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{50}, std::size_t{100000}}) {
      Pieces source(body("whisper-1"), piece);
      const auto form = read(source);
      ASSERT_TRUE(form);
      (*form)->rename_model(name);
      EXPECT_EQ((*form)->size(), body(name).size());
      EXPECT_EQ(drain(**form), body(name));
    }
  }
}

TEST_F(Forms, SayNoSizeWhenNoneWasAnnounced) {
  const std::string body = field("model", "m") + file("x") + kEnd;
  Pieces source(body, 20, false);
  const auto form = read(source);
  (*form)->rename_model("other");
  EXPECT_EQ((*form)->size(), std::nullopt);
}

TEST_F(Forms, KeepAFileThatComesFirstInMemoryUpToTheLimitOnly) {
  for (const auto& [size, in_file] : {std::pair(100'000, false), std::pair(3'000'000, true)}) {
    const std::string content = noise(static_cast<std::size_t>(size));
    const auto body = [&](std::string_view model) {
      return file(content) + field("model", model) + kEnd;
    };
    Pieces source(body("whisper-1"), 16384);
    const auto form = read(source);

    ASSERT_TRUE(form);
    EXPECT_EQ((*form)->has_file(), in_file);
    (*form)->rename_model("other");
    EXPECT_EQ(drain(**form), body("other"));
    EXPECT_FALSE((*form)->has_file());
  }
}

TEST_F(Forms, LeaveNothingInTheFolder) {
  std::string name = std::filesystem::temp_directory_path() / "sluice-form-XXXXXX";
  settings_.folder = ::mkdtemp(name.data());
  settings_.memory = 10;
  Pieces source(file(noise(5000)) + field("model", "m") + kEnd, 100);
  const auto form = read(source);

  ASSERT_TRUE(form && (*form)->has_file());
  EXPECT_TRUE(std::filesystem::is_empty(settings_.folder));
  std::filesystem::remove(settings_.folder);
}

TEST_F(Forms, FailWhereNothingCanBeSetAside) {
  settings_.folder = "/nowhere/at/all";
  settings_.memory = 10;
  Pieces source(file(noise(5000)) + field("model", "m") + kEnd, 100);
  const auto form = read(source);

  ASSERT_FALSE(form);
  EXPECT_EQ(form.error()->kind, ErrorKind::Internal);
  EXPECT_THAT(form.error()->detail, HasSubstr("No such file"));
}

TEST_F(Forms, MayNameNoModel) {
  const std::string body = field("prompt", "a cat") + file("PNG", "image") + kEnd;
  Pieces source(body, 30);
  const auto form = read(source);

  ASSERT_TRUE(form);
  EXPECT_EQ((*form)->model(), std::nullopt);
  (*form)->rename_model("dall-e-2");
  EXPECT_EQ((*form)->size(), body.size());
  EXPECT_EQ(drain(**form), body);
}

TEST_F(Forms, AreRefusedWithTwoModels) {
  EXPECT_THAT(refusal(field("model", "a") + field("model", "b") + kEnd),
              HasSubstr("model: The form"));
  EXPECT_THAT(refusal(field("user", "a") + field("user", "a") + kEnd), HasSubstr("user: The form"));
  EXPECT_THAT(refusal(file("a", "model") + kEnd), HasSubstr("model: This field"));
}

TEST_F(Forms, AreCutOffAtASecondModelThatComesLate) {
  Pieces source(field("model", "a") + file(noise(2000)) + field("model", "b") + kEnd, 100);
  const auto form = read(source);
  ASSERT_TRUE(form);

  const std::string body = drain(**form);

  EXPECT_THAT(error_, HasSubstr("twice"));
  EXPECT_EQ(body.find("\r\nb\r\n"), std::string::npos);
}

TEST_F(Forms, AreRefusedWhenMalformed) {
  EXPECT_THAT(refusal("nonsense"), HasSubstr("does not begin"));
  EXPECT_THAT(refusal(field("a", "b")), HasSubstr("ends before"));
  EXPECT_THAT(refusal(""), HasSubstr("ends before"));
  EXPECT_THAT(refusal(kEnd, "application/json"), HasSubstr("multipart/form-data"));
  EXPECT_THAT(refusal(field("model", std::string(5000, 'a')) + kEnd), HasSubstr("too long"));
  EXPECT_THAT(refusal(field("model", "a\nb") + kEnd), HasSubstr("control"));
}

TEST_F(Forms, AreCutOffWhenTheyEndEarlyBehindTheModel) {
  Pieces source(field("model", "a") + file("half"), 10);
  const auto form = read(source);
  ASSERT_TRUE(form);
  drain(**form);
  EXPECT_THAT(error_, HasSubstr("ends before"));
}

TEST_F(Forms, NeverArriveWholeWithoutTheirEnd) {
  const std::string half = field("model", "a") + file("half");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{10}, half.size()}) {
    Pieces source(half, piece);
    const auto form = read(source);
    if (form) {
      EXPECT_LT(drain(**form).size(), half.size());
    }
  }
}

TEST_F(Forms, PassOnTheirSourcesFailure) {
  Pieces source(field("model", "a") + kEnd, 10);
  source.fail_at(30);
  const auto form = read(source);
  ASSERT_FALSE(form);
  EXPECT_EQ(form.error()->kind, ErrorKind::ClientGone);
}

}  // namespace
}  // namespace sluice::server
