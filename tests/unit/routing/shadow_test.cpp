#include "routing/shadow.h"

#include "base/log.h"
#include "config/snapshot.h"
#include "providers/anthropic/provider.h"
#include "providers/credentials/api_key.h"
#include "providers/openai/provider.h"
#include "routing/key_pool.h"
#include "routing/router.h"
#include "telemetry/metrics/registry.h"
#include "unit/config/loading.h"
#include "unit/net/drive.h"
#include "unit/routing/scripted_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

namespace sluice::routing {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr std::string_view kConfig = R"(
providers:
  main: { type: openai, keys: [sk-main-0000000000000000] }
  other: { type: anthropic, keys: [sk-other-000000000000000] }
models:
  m: { targets: [main/gpt-4o], shadow: { target: other/claude-sonnet-4-5, sample: 0.25 } }
)";
constexpr std::string_view kChat =
    R"({"model":"m","messages":[{"role":"user","content":"What is it?"}]})";
constexpr std::string_view kStream =
    R"({"model":"m","stream":true,"messages":[{"role":"user","content":"What is it?"}]})";
constexpr std::string_view kCompletion =
    R"({"choices":[{"index":0,"message":{"role":"assistant","content":"All is well."},)"
    R"("finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":100}})";
constexpr std::string_view kMessage =
    R"({"id":"x","type":"message","role":"assistant","model":"c","content":[)"
    R"({"type":"text","text":"Well."},{"type":"tool_use","id":"t","name":"look","input":{}}],)"
    R"("stop_reason":"tool_use","usage":{"input_tokens":2000,"output_tokens":10}})";

struct Said {
  int status = 200;
  std::deque<Step> steps;
};

class Listening final : public Upstream {
 public:
  Task<Result<ArenaPtr<UpstreamReply>>> send(Context& context, const UpstreamRequest& request,
                                             Attempt& attempt) override {
    std::string body;
    for (const std::string_view piece : request.pieces) body += piece;
    asked.push_back(std::move(body));
    for (const Field& field : request.fields.all()) names.emplace_back(field.name);
    time_left = context.deadline - context.clock.now();
    credential = context.credential;
    on_call();
    attempt.sent = context.clock.now();
    const bool events = !says.steps.empty() && says.steps.front().bytes.starts_with("data:");
    co_return ArenaPtr<UpstreamReply>(context.arena.make<ScriptedReply>(
        context.clock, answer_head(says.status, events ? "text/event-stream" : "application/json"),
        says.steps));
  }

  Said says;
  std::function<void()> on_call = [] {};
  std::vector<std::string> asked;
  std::vector<std::string> names;
  Duration time_left{};
  std::string credential = "none asked";
};

class Dice final : public Random {
 public:
  std::uint64_t next() override { return side; }
  std::uint64_t side = 0;
};

// One caller's request, as the server would have it.
class Asking {
 public:
  Asking(net::Loop& loop, const config::Snapshot& snapshot, std::string_view body)
      : context(arena, draft, loop) {
    context.id = "req-1";
    context.arrival = loop.now();
    context.deadline = loop.now() + seconds(5);
    context.credential = "sk-the-callers";
    request.json.text = body;
    request.json.members_at = 1;
    request.json.has_members = true;
    const auto at = static_cast<std::uint32_t>(body.find("\"m\""));
    request.json.model = {at, at + 3};
    request.model = "m";
    request.stream = body.find("\"stream\":true") != std::string_view::npos;
    const auto found = snapshot.models().find("m", arena);
    request.entry = found->index;
    request.candidates = found->candidates;
  }

  Arena arena;
  Arena draft;
  Context context;
  Request request;
};

class ShadowsOfGroups : public testing::Test {
 protected:
  ShadowsOfGroups() {
    main_->says = {.status = 200, .steps = {{std::string(kCompletion)}, finish()}};
    other_->says = {.status = 200, .steps = {{std::string(kMessage)}, finish()}};
  }
  ~ShadowsOfGroups() override { loop_.abandon_all(); }

  std::vector<Destination> destinations() {
    std::vector<Destination> all(2);
    all[0].name = "main";
    all[0].provider = std::make_shared<providers::OpenAiProvider>();
    all[0].upstream = main_;
    all[1].name = "other";
    all[1].provider = std::make_shared<providers::AnthropicProvider>();
    all[1].upstream = other_;
    for (std::size_t i = 0; i < all.size(); ++i) {
      Destination& each = all[i];
      each.kind = snapshot_->config().providers[i].kind;
      each.credential = std::make_shared<providers::NoKey>();
      each.credentials = {each.credential};
      each.keys = std::make_shared<KeyPool>(each.name, KeyBlame::All);
      each.state = common_.fleet.get_or_make(each.name + "/*", {}, std::nullopt);
      each.memory = std::make_shared<ProviderMemory>();
      each.first_token = each.between_tokens = seconds(60);
      each.total = seconds(600);
    }
    return all;
  }

  Result<Reply> ask(Asking& asking) {
    return net::run(loop_, router_.call(asking.context, asking.request));
  }
  // All that a caller is told.
  std::string answer_to(Asking& asking) {
    auto reply = ask(asking);
    if (!reply) return "error: " + std::string(reply.error()->code);
    std::string text;
    for (bool last = false; !last;) {
      auto batch = net::run(loop_, reply->items->next());
      if (!batch) return text + "error: " + std::string(batch.error()->code);
      for (const Item& item : batch->items) text += item.raw;
      last = batch->last;
    }
    return text;
  }
  std::string answer_to(std::string_view body = kChat) {
    Asking asking(loop_, *snapshot_, body);
    return answer_to(asking);
  }
  // Everything that goes on without callers ends.
  void settle() {
    net::turn_until(loop_, [&] { return loop_.spawned() == 0; });
  }
  std::int64_t counted(std::string_view result) {
    auto& names = registry_.names();
    return counters_
        .cell(metrics::Family::ShadowRequests, names.id(metrics::NameKind::Provider, "other"),
              names.id(metrics::NameKind::Outcome, result))
        .value();
  }
  std::int64_t charged() {
    auto& names = registry_.names();
    return counters_
        .cell(metrics::Family::ShadowCostUsd, names.id(metrics::NameKind::Provider, "other"))
        .value();
  }

  std::shared_ptr<Listening> main_ = std::make_shared<Listening>();
  std::shared_ptr<Listening> other_ = std::make_shared<Listening>();
  std::shared_ptr<const config::Snapshot> snapshot_ = config::snapshot_of(kConfig);
  metrics::MetricsRegistry registry_;
  metrics::ThreadMetrics& counters_ = registry_.add_thread();
  Shadows shadows_{registry_.names(), counters_};
  Dice dice_;
  net::Loop loop_;
  CommonKnowledge common_{loop_};
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  Router router_{{.snapshot = *snapshot_,
                  .destinations = destinations(),
                  .common = common_,
                  .random = dice_,
                  .loop = &loop_,
                  .shadows = &shadows_,
                  .hold = [this] { return alive_; }}};
};

TEST_F(ShadowsOfGroups, GetATranslatedCopyWhenTheAnswerWasGiven) {
  EXPECT_EQ(answer_to(), kCompletion);
  EXPECT_THAT(other_->asked, IsEmpty());
  settle();

  ASSERT_THAT(other_->asked, SizeIs(1));
  EXPECT_THAT(other_->asked[0], AllOf(HasSubstr(R"("model":"claude-sonnet-4-5")"),
                                      HasSubstr("What is it?"), HasSubstr("max_tokens")));
  EXPECT_EQ(counted("answered"), 1);
}

TEST_F(ShadowsOfGroups, GetTheirCopyWhenTheFirstWordsOfAStreamAreOut) {
  main_->says.steps = {
      {text_frame("All ")}, {text_frame("is well.")}, {stop_frame() + done_frame()}, finish()};
  other_->says.steps = {{"data: {}"}, finish()};
  Asking asking(loop_, *snapshot_, kStream);
  auto reply = ask(asking);
  ASSERT_TRUE(reply);

  ASSERT_TRUE(net::run(loop_, reply->items->next()));
  for (int i = 0; i < 10; ++i) loop_.run_once(milliseconds(1));
  EXPECT_THAT(other_->asked, IsEmpty());
  ASSERT_TRUE(net::run(loop_, reply->items->next()));
  asking.draft.release();  // As the server does then.
  settle();

  EXPECT_THAT(other_->asked, ElementsAre(HasSubstr(R"("stream":true)")));
}

TEST_F(ShadowsOfGroups, GetTheirShareAndNoMore) {
  dice_.side = std::uint64_t{1} << 62;  // A quarter.
  answer_to();
  settle();
  EXPECT_THAT(other_->asked, IsEmpty());

  dice_.side -= std::uint64_t{1} << 32;
  answer_to();
  settle();
  EXPECT_THAT(other_->asked, SizeIs(1));
}

TEST_F(ShadowsOfGroups, GetNothingOfAnswersThatFailed) {
  main_->says = {.status = 400, .steps = {{"{}"}, finish()}};
  EXPECT_THAT(answer_to(), HasSubstr("error"));
  settle();

  EXPECT_THAT(other_->asked, IsEmpty());
  EXPECT_EQ(shadows_.under_way(), 0U);
}

TEST_F(ShadowsOfGroups, GetNothingOfStreamsThatWereLeftAtOnce) {
  main_->says.steps = {{text_frame("All ")}, {text_frame("is well.")}, finish()};
  Asking asking(loop_, *snapshot_, kStream);
  auto reply = ask(asking);
  ASSERT_TRUE(net::run(loop_, reply->items->next()));
  reply->items.reset();
  settle();

  EXPECT_THAT(other_->asked, IsEmpty());
  EXPECT_EQ(shadows_.under_way(), 0U);
}

TEST_F(ShadowsOfGroups, GetNoEmbeddings) {
  Asking asking(loop_, *snapshot_, R"({"model":"m","input":"x"})");
  asking.request.operation = Operation::Embeddings;
  answer_to(asking);
  settle();

  EXPECT_THAT(main_->asked, SizeIs(1));
  EXPECT_THAT(other_->asked, IsEmpty());
}

TEST_F(ShadowsOfGroups, GetNothingThatAPolicyTookOffTheList) {
  Asking asking(loop_, *snapshot_, kChat);
  asking.request.candidates = asking.request.candidates.first(1);
  EXPECT_EQ(answer_to(asking), kCompletion);
  settle();

  EXPECT_THAT(other_->asked, IsEmpty());
}

TEST_F(ShadowsOfGroups, AreNoConcernOfTheCallers) {
  other_->says = {.status = 500, .steps = {{R"({"error":{"message":"broken"}})"}, finish()}};
  Asking asking(loop_, *snapshot_, kChat);
  const std::array headers{Field{"idempotency-key", "k1"}, Field{"openai-beta", "b"}};
  asking.request.headers = headers;

  EXPECT_EQ(answer_to(asking), kCompletion);
  settle();

  EXPECT_EQ(counted("failed"), 1);
  EXPECT_EQ(asking.context.account.tries(), 1U);
  EXPECT_EQ(asking.context.account.usage(), (Usage{.input = 1000, .output = 100}));
  EXPECT_THAT(main_->names, testing::Contains("idempotency-key"));
  EXPECT_THAT(other_->names, Not(testing::Contains("idempotency-key")));
  EXPECT_EQ(other_->credential, "");
}

TEST_F(ShadowsOfGroups, HaveTheirProvidersTimeAndNotTheCallers) {
  answer_to();
  settle();

  EXPECT_LT(main_->time_left, seconds(6));
  EXPECT_GT(other_->time_left, seconds(590));
}

TEST_F(ShadowsOfGroups, AreChargedApart) {
  answer_to();
  settle();

  // 2,000 tokens at 3 USD and 10 at 15 USD for a million.
  EXPECT_EQ(charged(), 6'150'000'000);
}

TEST_F(ShadowsOfGroups, KeepTheirConfigurationAliveAndTheirPlaceUntilTheyHaveEnded) {
  long holders = 0;
  std::size_t places = 0;
  other_->on_call = [&] {
    holders = alive_.use_count();
    places = shadows_.under_way();
  };
  answer_to();
  settle();

  EXPECT_EQ(holders, 2);
  EXPECT_EQ(places, 1U);
  EXPECT_EQ(alive_.use_count(), 1);
  EXPECT_EQ(shadows_.under_way(), 0U);
}

TEST_F(ShadowsOfGroups, LeaveNobodyBehindWhoHoldsTheirTarget) {
  const auto targets = common_.fleet.list();
  std::vector<long> before;
  for (const auto& target : targets) before.push_back(target.use_count());

  answer_to();
  settle();

  for (std::size_t i = 0; i < targets.size(); ++i) EXPECT_EQ(targets[i].use_count(), before[i]);
}

TEST_F(ShadowsOfGroups, AreAbandonedWithTheLoop) {
  other_->says.steps = {};  // Says nothing, for an hour.
  answer_to();
  net::turn_until(loop_, [&] { return !other_->asked.empty(); });
  loop_.abandon_all();

  EXPECT_EQ(shadows_.under_way(), 0U);
  EXPECT_EQ(alive_.use_count(), 1);
  EXPECT_EQ(counted("unfinished"), 1);
}

TEST_F(ShadowsOfGroups, AreNotAskedOnceWeAreAboutToEnd) {
  answer_to();
  shadows_.stop();
  answer_to();
  settle();

  EXPECT_THAT(other_->asked, IsEmpty());
}

TEST_F(ShadowsOfGroups, AreSkippedWhenTooManyAreUnderWay) {
  std::vector<Shadows::Place> places;
  while (auto place = shadows_.enter(10)) places.push_back(*std::move(place));
  EXPECT_THAT(places, SizeIs(Shadows::kMostAtOnce));

  EXPECT_EQ(answer_to(), kCompletion);
  settle();

  EXPECT_THAT(other_->asked, IsEmpty());
  EXPECT_EQ(counted("skipped"), 1);
  places.clear();
  EXPECT_FALSE(shadows_.enter(Shadows::kMostBytes + 1));
  EXPECT_TRUE(shadows_.enter(Shadows::kMostBytes));
}

TEST_F(ShadowsOfGroups, RestWhenTheirTargetDoes) {
  other_->says = {.status = 500, .steps = {{"{}"}, finish()}};
  for (int i = 0; i < 7; ++i) {
    answer_to();
    settle();
  }

  EXPECT_EQ(counted("failed"), 5);
  EXPECT_EQ(counted("resting"), 2);
}

TEST_F(ShadowsOfGroups, AreNotAskedForWhatTheyCannotDo) {
  answer_to(R"({"model":"m","n":3,"messages":[{"role":"user","content":"hi"}]})");
  settle();

  EXPECT_THAT(other_->asked, IsEmpty());
  EXPECT_EQ(counted("incapable"), 1);
}

// What a caller reads of a stream that breaks off is what it reads without a shadow.
TEST_F(ShadowsOfGroups, ChangeNothingOfStreamsThatFail) {
  const std::string stream = text_frame("All ") + frame(R"({"error":{"message":"overloaded"}})");
  main_->says.steps = {
      {text_frame("All ")}, {frame(R"({"error":{"message":"overloaded"}})")}, finish()};
  dice_.side = UINT64_MAX;
  const std::string without = answer_to(kStream);
  dice_.side = 0;

  EXPECT_EQ(answer_to(kStream), without);
  EXPECT_EQ(without, stream);
}

class ShadowLines : public ShadowsOfGroups {
 protected:
  ShadowLines() { EXPECT_TRUE(log::configure({.to = "file:" + file_.string()})); }
  ~ShadowLines() override {
    EXPECT_TRUE(log::configure({}));
    std::filesystem::remove(file_);
  }
  std::string lines() const {
    std::ostringstream text;
    text << std::ifstream(file_).rdbuf();
    return text.str();
  }

  const std::filesystem::path file_ =
      std::filesystem::path(testing::TempDir()) / ("shadow_test." + std::to_string(::getpid()));
};

TEST_F(ShadowLines, SayWhatTheAnswersWereLikeAndNotWhatTheySaid) {
  answer_to();
  settle();

  EXPECT_THAT(
      lines(),
      AllOf(
          HasSubstr(R"("area":"shadow","msg":"compared","id":"req-1","model":"m","stream":false)"),
          HasSubstr(R"("primary":"main/gpt-4o","shadow":"other/claude-sonnet-4-5")"),
          HasSubstr(R"("input_tokens":1000,"shadow_input_tokens":2000)"),
          HasSubstr(R"("output_tokens":100,"shadow_output_tokens":10)"),
          HasSubstr(R"("cost_usd":"0.0035","shadow_cost_usd":"0.00615")"),
          HasSubstr(R"("finish":"stop","shadow_finish":"tool_calls","same_finish":false)"),
          HasSubstr(R"("text_bytes":12,"shadow_text_bytes":5)"),
          HasSubstr(R"("tool_calls":0,"shadow_tool_calls":1,"same_tools":false)")));
  EXPECT_THAT(lines(), AllOf(Not(HasSubstr("well")), Not(HasSubstr("Well")),
                             Not(HasSubstr("What is it")), Not(HasSubstr("look"))));
  EXPECT_EQ(std::ranges::count(lines(), '\n'), 1);
}

TEST_F(ShadowLines, OfStreamsTellTheirShape) {
  main_->says.steps = {{role_frame() + text_frame("All ")},
                       {text_frame("is well.") + stop_frame() + usage_frame() + done_frame()},
                       finish()};
  answer_to(kStream);
  settle();

  EXPECT_THAT(lines(), AllOf(HasSubstr(R"("stream":true)"), HasSubstr(R"("finish":"stop")"),
                             HasSubstr(R"("text_bytes":12)"), HasSubstr(R"("output_tokens":3)")));
}

TEST_F(ShadowLines, WaitForTheSlowerAnswer) {
  main_->says.steps = {
      {text_frame("All ")}, {text_frame("is well.")}, {stop_frame() + done_frame()}, finish()};
  Asking asking(loop_, *snapshot_, kStream);
  auto reply = ask(asking);
  ASSERT_TRUE(net::run(loop_, reply->items->next()));
  ASSERT_TRUE(net::run(loop_, reply->items->next()));
  settle();
  EXPECT_EQ(counted("answered"), 1);
  EXPECT_EQ(lines(), "");

  for (bool last = false; !last;) last = net::run(loop_, reply->items->next())->last;
  reply->items.reset();

  EXPECT_THAT(lines(), HasSubstr("compared"));
}

TEST_F(ShadowLines, SayWhenAShadowDidNotAnswer) {
  other_->says = {.status = 529, .steps = {{"{}"}, finish()}};
  answer_to();
  settle();

  EXPECT_THAT(lines(), AllOf(HasSubstr(R"("msg":"not answered")"), HasSubstr(R"("status":529)"),
                             HasSubstr(R"("outcome":"failed")")));
}

}  // namespace
}  // namespace sluice::routing
