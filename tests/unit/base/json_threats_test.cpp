// What an attacker sends to be understood in two ways, or to break the reader.
#include "base/json.h"

#include <gtest/gtest.h>

#include <simdjson.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>

namespace sluice::json {
namespace {

using namespace std::string_literals;

constexpr Limits kStrict{.strict_up_to = SIZE_MAX};
constexpr Limits kLax{.strict_up_to = 0};

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonThreats, RefusesADepthBeyondTheLimit) {
  Reader reader;

  EXPECT_TRUE(reader.parse(nested(128)));
  EXPECT_FALSE(reader.parse(nested(129)));
  EXPECT_FALSE(reader.parse(nested(100'000)));
  EXPECT_FALSE(reader.parse(std::string(100'000, '[')));
  EXPECT_FALSE(reader.parse("[]", {.depth = 0}));
  EXPECT_TRUE(reader.parse(nested(5'000), {.depth = 5'000}));
}

TEST(JsonThreats, RefusesAPolicyKeyThatStandsTwice) {
  constexpr std::string_view kPolicy[] = {"model", "stream"};
  Reader reader;
  for (const auto* text : {
           R"({"model":"a","x":1,"model":"b"})",
           R"({"model":"a","mod\u0065l":"b"})",
           R"({"\u006d\u006f\u0064\u0065\u006c":"a","model":"b"})",
           R"({"model":"a","Model":"b"})",
           R"({"MODEL":"a","model":"b"})",
       }) {
    for (const auto& limits : {kStrict, kLax}) {
      const auto root = reader.parse(text, limits);
      ASSERT_TRUE(root) << text;
      const auto checked = refuse_duplicates(*root, kPolicy);
      ASSERT_FALSE(checked) << text;
      EXPECT_EQ(checked.error()->kind, ErrorKind::InvalidRequest);
      EXPECT_EQ(checked.error()->code, "invalid_json");
      EXPECT_EQ(checked.error()->param, "model");
    }
  }
}

TEST(JsonThreats, AllowsOtherKeysTwiceAndPolicyKeysFurtherDown) {
  constexpr std::string_view kPolicy[] = {"model", "stream"};
  Reader reader;
  const std::string text = R"({"model":"a","x":1,"x":2,"y":{"model":"b"},"z":["model","stream"]})";

  const auto root = reader.parse(text);

  ASSERT_TRUE(root);
  EXPECT_TRUE(refuse_duplicates(*root, kPolicy));
}

TEST(JsonThreats, FindsAKeyHoweverItIsEscaped) {
  Reader reader;
  const std::string text = R"({"mod\u0065l":"gpt","\u006Dax":1})";

  const auto root = reader.parse(text);

  ASSERT_TRUE(root);
  ASSERT_TRUE(root->find("model"));
  EXPECT_EQ(root->find("model")->plain_string(), "gpt");
  EXPECT_TRUE(root->find("max"));
}

TEST(JsonThreats, ReadsNoNumberThatItCannotHold) {
  Reader reader;
  const std::string text = R"({"a":1e400,"b":12345678901234567890123,"c":-1e400,"d":1e-400})";

  const auto root = reader.parse(text);

  ASSERT_TRUE(root) << "such numbers may pass through";
  for (const auto [key, value] : root->members()) EXPECT_EQ(value.integer(), std::nullopt);
  EXPECT_EQ(root->find("a")->number(), std::nullopt);
  EXPECT_EQ(root->find("c")->number(), std::nullopt);
  EXPECT_EQ(root->find("b")->raw(), "12345678901234567890123");
}

TEST(JsonThreats, RefusesTextThatIsNotUnicodeWhereverItStands) {
  Reader reader;
  for (const auto* bad : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80",
                          "\xED\xB0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xFF"}) {
    const auto text = R"({"deep":[{"inside":")"s + bad + R"("}],"a":"b"})";
    EXPECT_FALSE(reader.parse(text, kStrict));
    EXPECT_FALSE(reader.parse(text, kLax));
  }
  EXPECT_FALSE(reader.parse("\xEF\xBB\xBF{}", kLax));
  EXPECT_FALSE(reader.parse("{\0\"\0a\0\"\0:\0001\0}\0"s, kLax));
}

TEST(JsonThreats, RefusesHalvesOfSurrogatePairs) {
  Reader reader;
  for (const auto* bad :
       {R"("\ud834")", R"("\udd1e")", R"("\ud834x")", R"("\ud834\n")", R"("\ud834\ud834")",
        R"("\udd1e\ud834")", R"("\ud834\u0041")", R"("\ud834\\udd1e")"}) {
    const auto text = R"({"a":[)"s + bad + "]}";
    EXPECT_FALSE(reader.parse(text, kStrict)) << bad;

    Arena arena;
    const auto root = reader.parse(text, kLax);
    ASSERT_TRUE(root) << bad;
    const auto value = *root->find("a")->elements().begin();
    EXPECT_EQ(value.string(arena), std::nullopt) << bad;
  }
}

TEST(JsonThreats, RefusesAKeyOfTheRootWithABadEscapeWhateverTheSize) {
  Reader reader;

  EXPECT_FALSE(reader.parse(R"({"\model":"a"})", kLax));
  EXPECT_FALSE(reader.parse(R"({"model\ud800":"a"})", kLax));
}

TEST(JsonThreats, RefusesABadEscapeInTheKeysItIsAskedFor) {
  constexpr std::string_view kPolicy[] = {"model"};
  Reader reader;
  const std::string text = R"({"a":{"\model":"a"}})";
  const auto root = reader.parse(text, kLax);
  ASSERT_TRUE(root);

  EXPECT_FALSE(refuse_duplicates(*root->find("a"), kPolicy));
}

TEST(JsonThreats, RefusesWhatFollowsTheDocument) {
  Reader reader;
  for (const auto& tail : {"\0"s, "x"s, "{}"s, ","s, "\""s, "\xC2\xA0"s, "\f"s, " 1"s, "\n\0"s}) {
    for (const auto& document : {R"({"a":1})"s, "[]"s, "123"s, "\"a\""s, "null"s}) {
      EXPECT_FALSE(reader.parse(document + tail, kStrict)) << document << tail;
      EXPECT_FALSE(reader.parse(document + tail, kLax)) << document << tail;
    }
  }
  EXPECT_TRUE(reader.parse("{} \t\r\n"));
}

TEST(JsonThreats, ChecksAllOfASmallDocumentEvenWhatNobodyReads) {
  Reader reader;
  for (const auto* unread : {"01", "tru", "\"\\x\"", "nan", "1\"a\"", "[1,]", "{\"a\":.5}"}) {
    const auto text = R"({"model":"a","deep":[{"x":)"s + unread + "}]}";
    EXPECT_FALSE(reader.parse(text)) << unread;
  }
}

TEST(JsonThreats, ChecksTheOrderOfALargeDocumentAndWhatIsReadOfIt) {
  Reader reader;
  const auto filler = "{\"pad\":\"" + std::string(20'000, ' ') + "\",\"deep\":[";
  for (const auto* bad : {"[1,]", "{\"a\" 1}", "]", "{}}", "\"a\" \"b\"", "{\"a\":1,}"}) {
    EXPECT_FALSE(reader.parse(filler + bad + "]}")) << bad;
  }
  EXPECT_FALSE(reader.parse(filler + "1],\"max_tokens\":01}"));

  for (const auto* bad : {"01", "tru", "nan", "1\"a\"", "\"\\x\""}) {
    Arena arena;
    const auto text = filler + bad + "]}";
    const auto root = reader.parse(text);
    ASSERT_TRUE(root) << bad;
    const auto value = *root->find("deep")->elements().begin();
    EXPECT_EQ(value.integer(), std::nullopt);
    EXPECT_EQ(value.number(), std::nullopt);
    EXPECT_EQ(value.boolean(), std::nullopt);
    EXPECT_EQ(value.string(arena), std::nullopt);
  }
}

// A page of text with nothing readable behind it.
class GuardedPage {
 public:
  GuardedPage() : size_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    page_ = static_cast<char*>(
        mmap(nullptr, 2 * size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(page_ + size_, size_, PROT_NONE);
  }
  ~GuardedPage() { munmap(page_, 2 * size_); }

  std::string_view hold(std::string_view text) const {
    char* begin = page_ + size_ - text.size();
    std::memcpy(begin, text.data(), text.size());
    return {begin, text.size()};
  }

 private:
  std::size_t size_;
  char* page_;
};

TEST(JsonThreats, ReadsNothingBehindTheTextOnAnyProcessor) {
  const GuardedPage page;
  const auto* usual = &*simdjson::get_active_implementation();
  for (const auto* implementation : simdjson::get_available_implementations()) {
    if (!implementation->supported_by_runtime_system()) continue;
    simdjson::get_active_implementation() = implementation;
    Reader reader;
    for (std::size_t size = 0; size < 200; ++size) {
      EXPECT_TRUE(reader.parse(page.hold('"' + std::string(size, 'x') + '"')));
      EXPECT_TRUE(reader.parse(page.hold('[' + std::string(size, ' ') + "1]")));
      EXPECT_FALSE(reader.parse(page.hold('"' + std::string(size, 'x'))));
      EXPECT_FALSE(reader.parse(page.hold('"' + std::string(size, 'x') + '\\')));
      EXPECT_FALSE(reader.parse(page.hold('"' + std::string(size, 'x') + "\xF0\x9D")));
      EXPECT_FALSE(reader.parse(page.hold('[' + std::string(size, ' ') + "tru")));
      EXPECT_FALSE(reader.parse(page.hold(std::string(size, ' ') + "\"\\ud834\"")));
    }
  }
  simdjson::get_active_implementation() = usual;
}

}  // namespace
}  // namespace sluice::json
