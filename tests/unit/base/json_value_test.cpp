#include "base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::json {
namespace {

using testing::ElementsAre;

class JsonValue : public testing::Test {
 protected:
  Value parse(std::string text) {
    text_ = std::move(text);
    auto root = reader_.parse(text_);
    if (!root) throw std::runtime_error(root.error()->message);
    return *root;
  }

  std::string text_;
  Reader reader_;
  Arena arena_;
};

TEST_F(JsonValue, KnowsItsKind) {
  const auto root = parse(R"([null, true, false, -1, "a", [1], {"a":1}])");

  std::vector<Kind> kinds;
  for (const auto element : root.elements()) kinds.push_back(element.kind());

  EXPECT_THAT(kinds, ElementsAre(Kind::Null, Kind::Bool, Kind::Bool, Kind::Number, Kind::String,
                                 Kind::Array, Kind::Object));
  EXPECT_EQ(root.kind(), Kind::Array);
}

TEST_F(JsonValue, IsExactlyItsSource) {
  const auto root =
      parse(" { \"a\" : [ 1 , {} ] , \"b\"\n: \"x y\"\t, \"c\" : 1.50\r\n, \"d\":[]} ");

  EXPECT_EQ(root.find("a")->raw(), "[ 1 , {} ]");
  EXPECT_EQ(root.find("b")->raw(), "\"x y\"");
  EXPECT_EQ(root.find("c")->raw(), "1.50");
  EXPECT_EQ(root.find("d")->raw(), "[]");
  EXPECT_EQ(root.raw(), text_.substr(1, text_.size() - 2));
  EXPECT_EQ(root.find("c")->offset(), text_.find("1.50"));
}

TEST_F(JsonValue, ListsMembersInTheirOrder) {
  const auto root = parse(R"({"a":1,"b":{"x":[1,2,{"y":0}]},"c":[[],{}],"d":2})");

  std::vector<std::string> seen;
  for (const auto [key, value] : root.members()) {
    seen.push_back(std::string(*key.plain_string()) + "=" + std::string(value.raw()));
  }

  EXPECT_THAT(seen, ElementsAre("a=1", R"(b={"x":[1,2,{"y":0}]})", "c=[[],{}]", "d=2"));
}

TEST_F(JsonValue, HasNoMembersOrElementsWhenItIsSomethingElse) {
  const auto root = parse(R"([{}, [], 1, "a", {"a":1}])");

  std::size_t members = 0;
  std::size_t elements = 0;
  for (const auto value : root.elements()) {
    for ([[maybe_unused]] const auto member : value.members()) ++members;
    for ([[maybe_unused]] const auto element : value.elements()) ++elements;
  }

  EXPECT_EQ(members, 1U);
  EXPECT_EQ(elements, 0U);
}

TEST_F(JsonValue, FindsTheFirstMemberOfAName) {
  const auto root = parse(R"({"b":0,"a":1,"a":2})");

  EXPECT_EQ(root.find("a")->integer(), 1);
  EXPECT_EQ(root.find("c"), std::nullopt);
  EXPECT_EQ(root.find("a")->find("a"), std::nullopt);
}

TEST_F(JsonValue, ReadsIntegersThatFit) {
  const auto root = parse(
      "[0,-0,9223372036854775807,-9223372036854775808,9223372036854775808,1.0,1e2,\"1\",true]");

  std::vector<std::optional<std::int64_t>> numbers;
  for (const auto element : root.elements()) numbers.push_back(element.integer());

  EXPECT_THAT(numbers, ElementsAre(0, 0, INT64_MAX, INT64_MIN, std::nullopt, std::nullopt,
                                   std::nullopt, std::nullopt, std::nullopt));
}

TEST_F(JsonValue, ReadsNumbersThatFit) {
  const auto root = parse("[1.5,-2e3,7,1e400,\"1\",null]");

  std::vector<std::optional<double>> numbers;
  for (const auto element : root.elements()) numbers.push_back(element.number());

  EXPECT_THAT(numbers, ElementsAre(1.5, -2000., 7., std::nullopt, std::nullopt, std::nullopt));
}

TEST_F(JsonValue, ReadsTruthFromTrueAndFalseOnly) {
  const auto root = parse("[true,false,null,0,\"true\"]");

  std::vector<std::optional<bool>> truths;
  for (const auto element : root.elements()) truths.push_back(element.boolean());

  EXPECT_THAT(truths, ElementsAre(true, false, std::nullopt, std::nullopt, std::nullopt));
}

TEST_F(JsonValue, ReadsStringsWithTheirEscapesUndone) {
  const auto root =
      parse(R"(["\"\\\/\b\f\n\r\t","a\u0041\u00e4\u20acz","\ud834\udd1e","\u0000",""])");

  std::vector<std::string_view> texts;
  for (const auto element : root.elements()) texts.push_back(*element.string(arena_));

  EXPECT_THAT(texts, ElementsAre("\"\\/\b\f\n\r\t", "aAä€z", "𝄞", std::string_view("\0", 1), ""));
}

TEST_F(JsonValue, CopiesNoStringThatHasNoEscapes) {
  const auto root = parse(R"({"a":"plain ä","b":"not\nplain","c":1})");

  const auto plain = root.find("a")->string(arena_);

  EXPECT_EQ(plain->data(), text_.data() + text_.find("plain"));
  EXPECT_EQ(root.find("a")->plain_string(), "plain ä");
  EXPECT_EQ(root.find("b")->plain_string(), std::nullopt);
  EXPECT_EQ(root.find("c")->plain_string(), std::nullopt);
  EXPECT_EQ(root.find("c")->string(arena_), std::nullopt);
}

TEST_F(JsonValue, EqualsATextHoweverItIsEscaped) {
  const auto root = parse(R"(["text","\u0074\u0065\u0078\u0074","t\\xt","text ",4,"a\nb"])");

  std::vector<bool> equal;
  for (const auto element : root.elements()) equal.push_back(element == "text");

  EXPECT_THAT(equal, ElementsAre(true, true, false, false, false, false));
  EXPECT_TRUE(*++ ++root.elements().begin() == "t\\xt");
  EXPECT_FALSE(*++ ++root.elements().begin() == "t\\\\xt");
  std::string long_text(300, 'x');
  EXPECT_TRUE(parse("\"\\u0078" + long_text.substr(1) + "\"") == long_text);
  EXPECT_TRUE(parse("\"\\n" + std::string(900, 'x') + "\"") == "\n" + std::string(900, 'x'));
}

TEST_F(JsonValue, PicksSeveralMembersInOnePass) {
  constexpr std::string_view kKeys[] = {"model", "stream", "user", "Case"};
  const auto root = parse(R"({"stream":true,"x":[1,2],"mod\u0065l":"gpt","case":1})");

  const auto picked = pick(root, kKeys);

  ASSERT_TRUE(picked);
  EXPECT_EQ((*picked)[0]->plain_string(), "gpt");
  EXPECT_EQ((*picked)[1]->boolean(), true);
  EXPECT_EQ((*picked)[2], std::nullopt);
  EXPECT_EQ((*picked)[3], std::nullopt) << "another case is another name";
}

TEST_F(JsonValue, PickRefusesWhatStandsTwice) {
  constexpr std::string_view kKeys[] = {"model", "user"};

  const auto picked = pick(parse(R"({"user":1,"x":1,"x":2,"user":1})"), kKeys);

  ASSERT_FALSE(picked);
  EXPECT_EQ(picked.error()->param, "user");
}

TEST_F(JsonValue, IsReadAgainAfterLargerAndSmallerDocuments) {
  const auto large = "[\"" + std::string(3 << 20, 'x') + "\",{\"a\":1}]";
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(parse(large).raw().size(), large.size());
    EXPECT_EQ(parse(R"({"a":[1,{"b":2}]})").find("a")->raw(), R"([1,{"b":2}])");
  }
  EXPECT_EQ(parse("[" + std::string(2 << 20, '1') + "]").kind(), Kind::Array);
}

TEST_F(JsonValue, IsReadWhenTheDocumentIsAllStructure) {
  std::string text = "[";
  for (int i = 0; i < 100'000; ++i) text += "[],";
  text += "{}]";

  std::size_t count = 0;
  for ([[maybe_unused]] const auto element : parse(text).elements()) ++count;

  EXPECT_EQ(count, 100'001U);
}

}  // namespace
}  // namespace sluice::json
