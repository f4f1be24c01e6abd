#include "base/json_editor.h"

#include "base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace sluice::json {
namespace {

using testing::ElementsAre;

constexpr Limits kStrict{.strict_up_to = SIZE_MAX};

// The document after edits of its root.
std::string edited(const std::string& text, const std::function<void(Editor&, Value)>& edit) {
  Reader reader;
  Arena arena;
  const auto root = reader.parse(text, kStrict);
  Editor editor(text, arena);
  edit(editor, *root);
  const auto result = editor.compose();
  auto whole = result.joined();
  EXPECT_EQ(whole.size(), result.size);
  Reader again;
  EXPECT_TRUE(again.parse(whole, kStrict)) << whole;
  return whole;
}

std::string without(const std::string& text, std::initializer_list<std::string_view> keys) {
  return edited(text, [&keys](Editor& editor, Value root) {
    for (const auto key : keys) editor.erase_member(root, key);
  });
}

std::string with(const std::string& text, std::string_view key, std::string_view raw_json) {
  return edited(text, [&](Editor& editor, Value root) { editor.set_member(root, key, raw_json); });
}

TEST(JsonEditor, IsTheSourceItselfWithoutEdits) {
  const std::string text = R"({"a":1})";
  Arena arena;
  Editor editor(text, arena);

  EXPECT_TRUE(editor.empty());
  const auto result = editor.compose();

  ASSERT_EQ(result.pieces.size(), 1U);
  EXPECT_EQ(result.pieces[0].data(), text.data());
}

TEST(JsonEditor, GivesPiecesOfTheSourceAroundTheNewText) {
  const std::string text = R"({"n":1e400,"model":"mine","x":0})";
  Reader reader;
  Arena arena;
  const auto root = reader.parse(text);
  Editor editor(text, arena);

  editor.replace(*root->find("model"), R"("theirs")");
  const auto result = editor.compose();

  EXPECT_THAT(result.pieces, ElementsAre(R"({"n":1e400,"model":)", R"("theirs")", R"(,"x":0})"));
  EXPECT_EQ(result.pieces[0].data(), text.data());
}

TEST(JsonEditor, TakesEditsInAnyOrder) {
  EXPECT_EQ(edited(R"([1,2,3])",
                   [](Editor& editor, Value root) {
                     auto element = root.elements().begin();
                     const auto one = *element;
                     const auto two = *++element;
                     editor.insert(6, ",4");
                     editor.replace(two, "two");
                     editor.replace(two, "20");
                     editor.replace(one, "10");
                   }),
            "[10,20,3,4]");
}

TEST(JsonEditor, ErasesAMemberWithItsComma) {
  EXPECT_EQ(without(R"({"a":1, "b":2 ,"c":3})", {"a"}), R"({"b":2 ,"c":3})");
  EXPECT_EQ(without(R"({"a":1, "b":2 ,"c":3})", {"b"}), R"({"a":1, "c":3})");
  EXPECT_EQ(without(R"({"a":1, "b":2 ,"c":3 })", {"c"}), R"({"a":1, "b":2 })");
  EXPECT_EQ(without(R"({ "a":1 })", {"a"}), R"({  })");
  EXPECT_EQ(without(R"({"a":1})", {"b"}), R"({"a":1})");
}

TEST(JsonEditor, ErasesSeveralMembers) {
  const auto* text = R"({"a":1,"b":2,"c":3,"d":4})";

  EXPECT_EQ(without(text, {"a", "b"}), R"({"c":3,"d":4})");
  EXPECT_EQ(without(text, {"c", "d"}), R"({"a":1,"b":2})");
  EXPECT_EQ(without(text, {"d", "a"}), R"({"b":2,"c":3})");
  EXPECT_EQ(without(text, {"b", "d"}), R"({"a":1,"c":3})");
  EXPECT_EQ(without(text, {"b", "c", "d"}), R"({"a":1})");
  EXPECT_EQ(without(text, {"d", "c", "b", "a"}), "{}");
}

TEST(JsonEditor, ErasesEveryMemberOfThatName) {
  EXPECT_EQ(without(R"({"a":1,"b":2,"\u0061":3})", {"a"}), R"({"b":2})");
}

TEST(JsonEditor, SetsAMemberInItsPlace) {
  EXPECT_EQ(with(R"({"a" : [1, 2] , "b":2})", "a", "0"), R"({"a" : 0 , "b":2})");
  EXPECT_EQ(with(R"({"mod\u0065l":"x"})", "model", "\"y\""), R"({"mod\u0065l":"y"})");
  EXPECT_EQ(with(R"({"a":1,"b":2,"a":3})", "a", "0"), R"({"a":0,"b":2})");
}

TEST(JsonEditor, AddsAMemberThatIsMissing) {
  EXPECT_EQ(with(R"({"a":1})", "b", "[2]"), R"({"b":[2],"a":1})");
  EXPECT_EQ(with("{}", "b", "2"), R"({"b":2})");
  EXPECT_EQ(with(" { } ", "b", "2"), R"( {"b":2 } )");
}

TEST(JsonEditor, AddsSeveralMembersInTheOrderOfTheCalls) {
  for (const auto& [text, expected] : std::map<std::string, std::string>{
           {"{}", R"({"x":1,"y":2})"}, {R"({"a":0})", R"({"x":1,"y":2,"a":0})"}}) {
    EXPECT_EQ(edited(text,
                     [](Editor& editor, Value root) {
                       editor.set_member(root, "x", "1");
                       editor.set_member(root, "y", "2");
                     }),
              expected);
  }
}

TEST(JsonEditor, AddsToAnObjectThatLosesAllItHad) {
  EXPECT_EQ(edited(R"({"a":1,"b":2})",
                   [](Editor& editor, Value root) {
                     editor.erase_member(root, "a");
                     editor.set_member(root, "x", "1");
                     editor.erase_member(root, "b");
                   }),
            R"({"x":1})");
}

TEST(JsonEditor, LetsTheLastWordWin) {
  EXPECT_EQ(edited(R"({"a":1,"b":2})",
                   [](Editor& editor, Value root) {
                     editor.erase_member(root, "a");
                     editor.set_member(root, "a", "3");
                     editor.set_member(root, "b", "4");
                     editor.erase_member(root, "b");
                     editor.set_member(root, "c", "5");
                     editor.set_member(root, "c", "6");
                     editor.set_member(root, "d", "7");
                     editor.erase_member(root, "d");
                   }),
            R"({"c":6,"a":3})");
}

TEST(JsonEditor, DropsEditsInsideOfWhatGoes) {
  EXPECT_EQ(edited(R"({"a":{"b":1,"c":2},"d":{"e":3}})",
                   [](Editor& editor, Value root) {
                     const auto inner = *root.find("a");
                     editor.set_member(inner, "b", "10");
                     editor.set_member(inner, "x", "11");
                     editor.set_member(*root.find("d"), "e", "12");
                     editor.erase_member(root, "a");
                   }),
            R"({"d":{"e":12}})");
}

TEST(JsonEditor, EditsSeveralObjectsAtOnce) {
  EXPECT_EQ(edited(R"([{"a":1},{"a":2},{}])",
                   [](Editor& editor, Value root) {
                     for (const auto element : root.elements()) {
                       editor.set_member(element, "z", "0");
                       editor.erase_member(element, "a");
                     }
                   }),
            R"([{"z":0},{"z":0},{"z":0}])");
}

TEST(JsonEditor, TakesAsManyEditsAsALargeDocumentHasPlaces) {
  std::string text = "[0";
  std::string expected = "[0";
  for (int i = 0; i < 50'000; ++i) {
    text += R"(,{"a":"secret","b":1})";
    expected += R"(,{"c":2,"a":"***"})";
  }

  EXPECT_EQ(edited(text + "]",
                   [](Editor& editor, Value root) {
                     for (const auto element : root.elements()) {
                       if (element.kind() != Kind::Object) continue;
                       editor.erase_member(element, "b");
                       editor.set_member(element, "c", "2");
                       editor.replace(*element.find("a"), "\"***\"");
                     }
                   }),
            expected + "]");
}

// A random document that is remembered as a list of members.
class RandomObject {
 public:
  explicit RandomObject(std::mt19937& random) {
    const auto count = random() % 7;
    for (std::size_t i = 0; i < count; ++i) {
      members_.emplace_back(std::string(1, static_cast<char>('a' + random() % 8)), value(random));
    }
  }

  void set(const std::string& key, const std::string& raw) {
    auto same = [&key](const auto& member) { return member.first == key; };
    const auto first = std::ranges::find_if(members_, same);
    if (first == members_.end()) {
      added_.emplace_back(key, raw);
      return;
    }
    first->second = raw;
    const auto more = std::ranges::subrange(first + 1, members_.end());
    members_.erase(std::ranges::remove_if(more, same).begin(), members_.end());
  }
  void erase(const std::string& key) {
    std::erase_if(members_, [&key](const auto& member) { return member.first == key; });
  }

  std::vector<std::pair<std::string, std::string>> members() const {
    auto all = added_;
    all.insert(all.end(), members_.begin(), members_.end());
    return all;
  }
  std::string text(std::mt19937& random) const {
    const auto space = [&random] { return std::string(random() % 3, ' '); };
    std::string text = space() + "{" + space();
    for (const auto& [key, value] : members_) {
      if (text.find('"') != std::string::npos) text += "," + space();
      text += "\"" + key + "\"" + space() + ":" + space() + value + space();
    }
    return text + "}" + space();
  }

 private:
  static std::string value(std::mt19937& random) {
    static const char* const kValues[] = {"1",     "1e400", "\"\\u00e4,}\"",       "[ 1, {} ]",
                                          "false", "{}",    R"({"a":{"b" : [] }})"};
    return kValues[random() % std::size(kValues)];
  }

  std::vector<std::pair<std::string, std::string>> members_;
  std::vector<std::pair<std::string, std::string>> added_;
};

TEST(JsonEditor, MakesExactlyTheWantedChangeToRandomObjects) {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    RandomObject expected(random);
    const auto text = expected.text(random);

    const auto result = edited(text, [&](Editor& editor, Value root) {
      // Every key at most once: what happens to one that is named twice has a test of its own.
      for (char letter = 'a'; letter <= 'j'; ++letter) {
        const std::string key(1, letter);
        const auto choice = random() % 6;
        if (choice == 0) {
          editor.erase_member(root, key);
          expected.erase(key);
        } else if (choice == 1) {
          editor.set_member(root, key, "\"new\"");
          expected.set(key, "\"new\"");
        }
      }
    });

    Reader reader;
    const auto root = reader.parse(result, kStrict);
    ASSERT_TRUE(root) << text << " became " << result;
    std::vector<std::pair<std::string, std::string>> members;
    for (const auto [key, value] : root->members()) {
      members.emplace_back(*key.plain_string(), value.raw());
    }
    ASSERT_EQ(members, expected.members()) << text << " became " << result;
  }
}

TEST(JsonEditor, LeavesEveryByteOutsideOfItsSpansAlone) {
  std::mt19937 random(8);
  for (int round = 0; round < 5'000; ++round) {
    std::string text(1 + random() % 60, ' ');
    for (auto& letter : text) letter = static_cast<char>('a' + random() % 26);
    Arena arena;
    Editor editor(text, arena);
    std::string expected;
    std::size_t done = 0;
    while (done < text.size() && random() % 8) {
      const auto begin = done + random() % (text.size() - done);
      const auto size = 1 + random() % (text.size() - begin);
      const std::string replacement(random() % 4, '#');
      editor.replace(std::string_view(text).substr(begin, size), replacement);
      expected.append(text, done, begin - done).append(replacement);
      done = begin + size;
    }
    expected.append(text, done);

    ASSERT_EQ(editor.compose().joined(), expected);
  }
}

}  // namespace
}  // namespace sluice::json
