// What a snapshot looks up for each request.
#include "unit/config/loading.h"

#include <gmock/gmock.h>

namespace sluice::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Models : public testing::Test {
 protected:
  // "PROVIDER INDEX UPSTREAM", or "none".
  std::string find(std::string_view asked) {
    const auto found = snapshot_->models().find(asked, arena_);
    if (!found) return "none";
    EXPECT_EQ(found->candidates.size(), 1U);
    const Candidate& target = found->candidates.front();
    return snapshot_->config().providers[target.provider].name + " " +
           std::to_string(target.provider) + " " + std::string(target.model);
  }

  void load(std::string_view models, bool direct = true) {
    snapshot_ =
        snapshot_of("server: { direct_models: " + std::string(direct ? "true" : "false") +
                    " }\nproviders: { one: { type: simulator }, two: { type: simulator } }\n"
                    "models: { " +
                    std::string(models) + " }\n");
  }

  std::shared_ptr<const Snapshot> snapshot_;
  Arena arena_;
};

TEST_F(Models, AreFoundByTheirExactNameFirst) {
  load("gpt-4o: two/gpt, one/x: two/y, \"gpt-*\": one/any");

  EXPECT_EQ(find("gpt-4o"), "two 1 gpt");
  EXPECT_EQ(find("one/x"), "two 1 y");
}

TEST_F(Models, MayNameTheirProvider) {
  load("\"one/*\": two/wild");

  EXPECT_EQ(find("one/meta/llama"), "one 0 meta/llama");
  EXPECT_EQ(find("three/x"), "none");
  EXPECT_EQ(find("one/"), "two 1 wild");
}

TEST_F(Models, MayNotNameTheirProviderWhenThatIsOff) {
  load("a: one/b, \"two/x*\": one/c", false);

  EXPECT_EQ(find("one/b"), "none");
  EXPECT_EQ(find("two/xyz"), "one 0 c");
}

TEST_F(Models, AreFoundByTheWildcardWithTheLongestBeginning) {
  load("\"*\": one/rest, \"gpt-*\": one/gpt, \"gpt-4*\": two/four");

  EXPECT_EQ(find("gpt-4o"), "two 1 four");
  EXPECT_EQ(find("gpt-4"), "two 1 four");
  EXPECT_EQ(find("gpt-3"), "one 0 gpt");
  EXPECT_EQ(find("claude"), "one 0 rest");
}

TEST_F(Models, FillTheNameIntoTheTargetOfAWildcard) {
  load("\"a-*\": one/$0, \"b-*\": one/x-*-y, \"c-*\": one/*.$0.*$, \"d-*\": one/plain");

  EXPECT_EQ(find("a-1"), "one 0 a-1");
  EXPECT_EQ(find("b-1"), "one 0 x-1-y");
  EXPECT_EQ(find("b-"), "one 0 x--y");
  EXPECT_EQ(find("c-1"), "one 0 1.c-1.1$");
  EXPECT_EQ(find("d-1"), "one 0 plain");
}

TEST_F(Models, NeverAnswerForAPrompt) {
  load("\"*\": one/rest");

  EXPECT_EQ(find("prompt/greeting"), "none");
}

TEST_F(Models, AllocateNothingForANameThatTheyKnow) {
  load("gpt-4o: two/gpt");
  const auto found = snapshot_->models().find("gpt-4o", arena_);
  const auto again = snapshot_->models().find("gpt-4o", arena_);

  ASSERT_TRUE(found && again);
  EXPECT_EQ(found->candidates.data(), again->candidates.data());
  const auto& written = snapshot_->config().models[0].target;
  EXPECT_EQ(found->candidates.front().model.data(), written.data() + 4);
}

TEST_F(Models, AreListedInTheOrderOfTheFile) {
  load("z: one/z, \"b-*\": one/b, a: one/a");

  EXPECT_THAT(snapshot_->models().names(), ElementsAre("z", "a"));
  EXPECT_THAT(snapshot_->models().wildcards(), ElementsAre("b-*"));
}

TEST_F(Models, SuggestWhatWasMeant) {
  load("gpt-4o: one/a, gpt-4o-mini: one/b, claude: one/c");

  EXPECT_THAT(snapshot_->models().nearest("gpt4o"), ElementsAre("gpt-4o"));
  EXPECT_THAT(snapshot_->models().nearest("zzzzzz"), IsEmpty());
}

TEST(ModelTable, IsEmptyWithoutAConfiguration) {
  Arena arena;
  EXPECT_FALSE(ModelTable().find("a", arena));
}

TEST(KeyTable, FindsAKeyByTheDigestOfItsSecret) {
  std::vector<ClientKey> keys(1000);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys[i].name = "key " + std::to_string(i);
    keys[i].secret = Secret("sk-" + std::to_string(i));
  }
  const KeyTable table(keys);

  EXPECT_EQ(table.size(), 1000U);
  for (const auto& key : keys) {
    const Principal* found = table.find(sha256(key.secret.reveal()));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, key.name);
  }
}

TEST(KeyTable, TellsWhoseAKeyIsAndWhatItMay) {
  std::vector<ClientKey> keys(2);
  keys[0] = {.name = "app", .secret = Secret("sk-1"), .user = "ann", .models = {"gpt*", "o1"}};
  keys[0].may = {};
  keys[0].may.add(Permission::Audio);
  keys[1] = {.name = "all", .secret = Secret("sk-2"), .user = {}};
  const KeyTable table(keys);

  const Principal* app = table.find(sha256("sk-1"));
  ASSERT_TRUE(app);
  EXPECT_EQ(app->user, "ann");
  EXPECT_THAT(app->models, ElementsAre("gpt*", "o1"));
  EXPECT_TRUE(app->may.has(Permission::Audio));
  EXPECT_FALSE(app->may.has(Permission::Chat));
  const Principal* all = table.find(sha256("sk-2"));
  ASSERT_TRUE(all);
  EXPECT_THAT(all->models, ElementsAre("*"));
}

TEST(KeyTable, FindsNothingForADigestThatOnlyBeginsLikeOne) {
  std::vector<ClientKey> keys(1);
  keys[0].secret = Secret("sk-1");
  const KeyTable table(keys);
  auto digest = sha256("sk-1");
  digest.back() ^= 1;

  EXPECT_EQ(table.find(digest), nullptr);
  EXPECT_EQ(table.find(sha256("sk-2")), nullptr);
  EXPECT_EQ(KeyTable().find(sha256("sk-1")), nullptr);
}

TEST(Sha256, IsThatOfTheStandard) {
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace sluice::config
