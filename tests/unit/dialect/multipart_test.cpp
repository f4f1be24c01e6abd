#include "dialect/multipart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::dialect {
namespace {

using Kind = MultipartStep::Kind;
using testing::HasSubstr;

struct ReadPart {
  std::string name = {};
  bool file = false;
  std::string content = {};
  bool ended = false;
  bool operator==(const ReadPart&) const = default;
};

struct Read {
  std::vector<ReadPart> parts;
  bool ended = false;
  bool done = false;
  std::string error;
  bool operator==(const Read&) const = default;
};

Read read(std::string_view body, std::size_t piece = SIZE_MAX, std::string_view boundary = "XX") {
  MultipartReader reader(boundary);
  Read result;
  while (!body.empty()) {
    std::string_view input = body.substr(0, piece);
    body.remove_prefix(input.size());
    for (bool more = true; more;) {
      const MultipartStep step = reader.next(input);
      switch (step.kind) {
        case Kind::NeedMore:
          more = false;
          break;
        case Kind::Part:
          result.parts.push_back({.name = std::string(step.data), .file = step.file});
          break;
        case Kind::Data:
          result.parts.back().content += step.data;
          break;
        case Kind::PartEnd:
          result.parts.back().ended = true;
          break;
        case Kind::End:
          result.ended = true;
          break;
        case Kind::Error:
          result.error = step.data;
          return result;
      }
    }
  }
  result.done = reader.done();
  return result;
}

std::string field(std::string_view name, std::string_view value) {
  return "--XX\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
         std::string(value) + "\r\n";
}

const std::string kForm =
    field("model", "whisper-1") +
    "--XX\r\ncontent-disposition: form-data; name=file; filename=\"a \\\"b\\\".wav\"\r\n"
    "Content-Type: audio/wav\r\n\r\n\r\n--X\r\n-\r\r\n--\r\n\r\n" +
    field("empty", "") + "--XX--\r\n";

std::string head_error(std::string_view head) {
  return read("--XX\r\n" + std::string(head) + "\r\n\r\nx\r\n--XX--").error;
}

TEST(MultipartBoundary, IsReadPlainAndQuoted) {
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=abc-_.1"), "abc-_.1");
  EXPECT_EQ(multipart_boundary("Multipart/Form-Data;charset=utf-8;BOUNDARY=\"a b:c\""), "a b:c");
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=\"==9==\" ; x=y"), "==9==");
}

TEST(MultipartBoundary, IsRefusedWhenInDoubt) {
  for (const std::string_view text :
       {"", "application/json", "multipart/mixed; boundary=a", "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=\"a",
        "multipart/form-data; boundary=a=b", "multipart/form-data; boundary=a; boundary=a",
        "multipart/form-data; boundary=\"a\\b\"", "multipart/form-data; boundary=a b",
        "multipart/form-data, boundary=a", "multipart/form-data; boundary=\"a\xc3\xa4\""}) {
    EXPECT_FALSE(multipart_boundary(text)) << text;
  }
  const std::string start = "multipart/form-data; boundary=";
  EXPECT_TRUE(multipart_boundary(start + std::string(70, 'a')));
  EXPECT_FALSE(multipart_boundary(start + std::string(71, 'a')));
}

TEST(MultipartReader, ReadsFieldsAndFiles) {
  const Read form = read(kForm);

  EXPECT_EQ(form.error, "");
  EXPECT_TRUE(form.ended && form.done);
  ASSERT_EQ(form.parts.size(), 3U);
  EXPECT_EQ(form.parts[0], (ReadPart{"model", false, "whisper-1", true}));
  EXPECT_EQ(form.parts[1], (ReadPart{"file", true, "\r\n--X\r\n-\r\r\n--\r\n", true}));
  EXPECT_EQ(form.parts[2], (ReadPart{"empty", false, "", true}));
}

TEST(MultipartReader, ReadsTheSameHoweverTheBodyIsCut) {
  const Read whole = read(kForm);
  for (std::size_t piece = 1; piece < kForm.size(); ++piece) EXPECT_EQ(read(kForm, piece), whole);
}

TEST(MultipartReader, ReadsAFormWithoutParts) {
  const Read form = read("--XX--");
  EXPECT_TRUE(form.ended && form.done);
  EXPECT_TRUE(form.parts.empty());
}

TEST(MultipartReader, IsNotDoneBeforeTheLastBoundary) {
  const std::string body = field("model", "m") + "--XX--";
  for (std::size_t size = 0; size < body.size(); ++size) {
    const Read cut = read(body.substr(0, size));
    EXPECT_EQ(cut.error, "");
    EXPECT_FALSE(cut.done) << size;
  }
  EXPECT_TRUE(read(body).done);
  EXPECT_FALSE(read(body + "\r").done);
}

TEST(MultipartReader, RefusesWhatIsNoBoundaryLine) {
  for (std::size_t piece : {1U, 1000U}) {
    EXPECT_THAT(read("\r\n--XX--", piece).error, HasSubstr("does not begin"));
    EXPECT_THAT(read("preamble\r\n--XX--", piece).error, HasSubstr("does not begin"));
    EXPECT_THAT(read("--XY--", piece).error, HasSubstr("does not begin"));
    EXPECT_THAT(read("--XX \r\n", piece).error, HasSubstr("begins like"));
    EXPECT_THAT(read("--XX\n", piece).error, HasSubstr("begins like"));
    EXPECT_THAT(read("--XX-\r\n", piece).error, HasSubstr("begins like"));
    EXPECT_THAT(read(field("a", "1\r\n--XXY"), piece).error, HasSubstr("begins like"));
    EXPECT_THAT(read(field("a", "--XX\r\n"), piece).error, HasSubstr("begins with the boundary"));
    EXPECT_THAT(read("--XX--\r\n\r\n", piece).error, HasSubstr("follow"));
    EXPECT_THAT(read("--XX--x", piece).error, HasSubstr("follow"));
  }
}

TEST(MultipartReader, TakesALineThatIsNearlyTheBoundaryForContent) {
  EXPECT_EQ(read(field("a", "\n--XX\r\r--XX") + "--XX--").parts[0].content, "\n--XX\r\r--XX");
  EXPECT_EQ(read(field("a", "--X") + "--XX--", 1).parts[0].content, "--X");
  EXPECT_EQ(read(field("a", "-") + "--XX--", 2).parts[0].content, "-");
}

TEST(MultipartReader, RefusesAPartWhoseHeadIsInDoubt) {
  EXPECT_THAT(read("--XX\r\n\r\nx").error, HasSubstr("no Content-Disposition"));
  EXPECT_THAT(head_error("Content-Type: text/plain"), HasSubstr("no Content-Disposition"));
  EXPECT_THAT(head_error("Content-Disposition: attachment; name=a"), HasSubstr("no form-data"));
  EXPECT_THAT(head_error("Content-Disposition: form-data"), HasSubstr("no name"));
  EXPECT_THAT(head_error("Content-Disposition: form-data; name=a; name=b"), HasSubstr("bad name"));
  EXPECT_THAT(head_error("Content-Disposition: form-data; name=\"a\\b\""), HasSubstr("bad name"));
  EXPECT_THAT(head_error("Content-Disposition: form-data; name*=utf-8''a"), HasSubstr("bad name"));
  EXPECT_THAT(head_error("Content-Disposition: form-data; name=\"a"), HasSubstr("bad Content-D"));
  EXPECT_THAT(head_error("Content-Disposition: form-data; name"), HasSubstr("bad Content-D"));
  EXPECT_THAT(
      head_error("Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; "
                 "name=b"),
      HasSubstr("two Content-Dispositions"));
  EXPECT_THAT(head_error("Content-Disposition: form-data;\r\n name=a"), HasSubstr("bad"));
  EXPECT_THAT(head_error("Content-Disposition : form-data; name=a"), HasSubstr("bad header"));
  EXPECT_THAT(head_error("Content-Disposition: form-data; name=a\nb: c"), HasSubstr("bad header"));
  EXPECT_THAT(head_error("no colon"), HasSubstr("bad header"));
  EXPECT_THAT(head_error("Content-Disposition: form-data; name=a\r\n"
                         "Content-Transfer-Encoding: base64"),
              HasSubstr("encoded"));
}

TEST(MultipartReader, BoundsThePartsHead) {
  const std::string start = "Content-Disposition: form-data; name=a\r\nx: ";
  const std::size_t rest = MultipartReader::kMaxHead - start.size() - 4;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{4096}, std::size_t{100000}}) {
    const auto of_size = [&](std::size_t size) {
      return read("--XX\r\n" + start + std::string(size, 'y') + "\r\n\r\nv\r\n--XX--", piece);
    };
    EXPECT_EQ(of_size(rest).error, "");
    EXPECT_THAT(of_size(rest + 1).error, HasSubstr("too large"));
  }
  std::string fields = "Content-Disposition: form-data; name=a";
  for (int i = 0; i < 19; ++i) fields += "\r\nx: y";
  EXPECT_EQ(head_error(fields), "");
  EXPECT_THAT(head_error(fields + "\r\nx: y"), HasSubstr("too many"));
}

TEST(MultipartReader, KeepsItsErrorForWhateverFollows) {
  MultipartReader reader("XX");
  std::string_view wrong = "nonsense";
  ASSERT_EQ(reader.next(wrong).kind, Kind::Error);
  std::string_view right = "--XX--";
  EXPECT_EQ(reader.next(right).kind, Kind::Error);
  EXPECT_FALSE(reader.done());
}

}  // namespace
}  // namespace sluice::dialect
