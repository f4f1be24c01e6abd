#include "routing/health_probe.h"

#include "providers/credentials/api_key.h"
#include "support/fake_clock.h"
#include "support/run_now.h"
#include "unit/routing/scripted_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace sluice::routing {
namespace {

using config::Probe;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;

constexpr int kNobodyThere = 0;
constexpr int kOutOfOrder = -1;

std::unexpected<Failure> failure(int kind) {
  return fail(
      ApiError{.kind = kind == kNobodyThere ? ErrorKind::UpstreamUnavailable : ErrorKind::Internal,
               .code = kind == kNobodyThere ? "upstream_error" : "internal_error"});
}

// Writes nothing but raw calls.
class RawProvider final : public Provider {
 public:
  Dialect dialect(const Request&, const Target&) const override { return Dialect::Opaque; }
  Result<UpstreamRequest> encode(Context& context, const Request& request,
                                 const Target& target) const override {
    if (request.operation != Operation::Raw) return failure(kOutOfOrder);
    UpstreamRequest call;
    call.method = request.method;
    call.path = context.draft.join(target.base_path, request.path);
    call.fields = FieldList(context.draft, 1);
    return call;
  }
  ArenaPtr<Decoder> decoder(Context&, const Request&, const Target&) const override {
    return nullptr;
  }
  ApiError explain(int, std::string_view, std::string_view) const override { return {}; }
};

// Answers with one status after the other, and lets the probes stop at the last.
class ScriptedUpstream final : public Upstream {
 public:
  ScriptedUpstream(FakeClock& clock, std::stop_source& stop) : clock_(clock), stop_(stop) {}

  Task<Result<ArenaPtr<UpstreamReply>>> send(Context& context, const UpstreamRequest& request,
                                             Attempt&) override {
    std::string line = std::string(request.method) + " " + std::string(request.path);
    for (const Field& field : request.fields.all()) line += " " + std::string(field.value);
    asked.push_back(line);
    at.push_back(clock_.now());
    const int status = statuses.front();
    statuses.pop_front();
    if (statuses.empty()) stop_.request_stop();
    if (status <= 0) co_return failure(status);
    co_return ArenaPtr<UpstreamReply>(
        context.arena.make<ScriptedReply>(clock_, answer_head(status, "application/json"),
                                          std::deque<Step>{{R"({"data":[]})"}, finish()}));
  }

  std::deque<int> statuses;
  std::vector<std::string> asked;
  std::vector<Instant> at;

 private:
  FakeClock& clock_;
  std::stop_source& stop_;
};

class ScriptedDoor final : public Door {
 public:
  explicit ScriptedDoor(std::stop_source& stop) : stop_(stop) {}
  Task<Result<void>> knock(Instant) override {
    const bool opens = answers.front();
    answers.pop_front();
    if (answers.empty()) stop_.request_stop();
    if (!opens) co_return failure(kNobodyThere);
    co_return Result<void>();
  }
  std::deque<bool> answers;

 private:
  std::stop_source& stop_;
};

class Dice final : public Random {
 public:
  std::uint64_t next() override { return value += std::uint64_t{1} << 61; }
  std::uint64_t value = 0;
};

class HealthProbe : public testing::Test {
 protected:
  ProbeOrder order(Probe probe) {
    ProbeOrder order;
    order.destination.name = "p";
    order.destination.provider = std::make_shared<RawProvider>();
    order.destination.credential = std::make_shared<providers::ApiKey>("secret");
    order.destination.upstream = upstream_;
    order.destination.base_path = "/v1";
    order.health = {.probe = probe, .every = seconds(30)};
    order.targets = targets_;
    order.door = door_;
    order.until = stop_.get_token();
    return order;
  }
  // The last answer lets it stop, and is not reported.
  void ask_for_models(std::deque<int> statuses) {
    stop_ = std::stop_source();
    statuses.push_back(200);
    upstream_->statuses = std::move(statuses);
    run_now(probe_provider(clock_, dice_, order(Probe::Models)));
  }
  void knock(std::deque<bool> answers) {
    answers.push_back(true);
    door_->answers = std::move(answers);
    run_now(probe_provider(clock_, dice_, order(Probe::Tcp)));
  }
  Standing standing(std::size_t target = 0) const {
    return targets_[target]->breaker.standing(clock_.now());
  }

  FakeClock clock_;
  Dice dice_;
  std::stop_source stop_;
  std::shared_ptr<ScriptedUpstream> upstream_ = std::make_shared<ScriptedUpstream>(clock_, stop_);
  std::shared_ptr<ScriptedDoor> door_ = std::make_shared<ScriptedDoor>(stop_);
  // It rests long, so that what is seen is the probes' doing.
  config::BreakerSettings settings_{.consecutive = 2, .rest = std::chrono::hours(10)};
  std::vector<std::shared_ptr<TargetState>> targets_{
      std::make_shared<TargetState>("p/a", settings_),
      std::make_shared<TargetState>("p/b", settings_)};
};

TEST_F(HealthProbe, AsksForTheListOfModelsWithTheCredential) {
  ask_for_models({200});
  EXPECT_THAT(upstream_->asked,
              ElementsAre("GET /v1/models Bearer secret", "GET /v1/models Bearer secret"));
  EXPECT_EQ(standing(), Standing::Closed);
}

TEST_F(HealthProbe, AsksAboutAsOftenAsConfigured) {
  const Instant start = clock_.now();
  ask_for_models({200, 200, 200});
  EXPECT_LE(upstream_->at.front() - start, seconds(30));
  std::vector<Duration> between;
  for (std::size_t i = 1; i < upstream_->at.size(); ++i) {
    between.push_back(upstream_->at[i] - upstream_->at[i - 1]);
  }
  EXPECT_THAT(between, Each(AllOf(Ge(seconds(27)), Le(seconds(33)))));
}

TEST_F(HealthProbe, LetsAllTargetsRestWhenTheProviderFails) {
  ask_for_models({500, kNobodyThere});
  EXPECT_EQ(standing(0), Standing::Open);
  EXPECT_EQ(standing(1), Standing::Open);
}

TEST_F(HealthProbe, BringsTargetsBackOnceAnythingAnswers) {
  for (const int status : {200, 404, 429}) {
    ask_for_models({503, 503});
    ASSERT_EQ(standing(), Standing::Open);
    ask_for_models({status});
    EXPECT_EQ(standing(), Standing::HalfOpen) << status;
  }
}

TEST_F(HealthProbe, LearnsNothingFromFaultsOfOurs) {
  ask_for_models({401, 403, kOutOfOrder, kOutOfOrder});
  EXPECT_EQ(standing(), Standing::Closed);
  ask_for_models({503, 503, 401, 403});
  EXPECT_EQ(standing(), Standing::Open);
}

TEST_F(HealthProbe, KnocksAtTheDoor) {
  knock({false, false});
  EXPECT_EQ(standing(), Standing::Open);
  stop_ = std::stop_source();
  knock({true});
  EXPECT_EQ(standing(), Standing::HalfOpen);
  EXPECT_TRUE(upstream_->asked.empty());
}

TEST_F(HealthProbe, AsksNothingWhereThereIsNothingToAsk) {
  run_now(probe_provider(clock_, dice_, order(Probe::None)));
  ProbeOrder keyless = order(Probe::Models);
  keyless.destination.has_no_key = true;
  run_now(probe_provider(clock_, dice_, std::move(keyless)));
  ProbeOrder doorless = order(Probe::Tcp);
  doorless.door = nullptr;
  run_now(probe_provider(clock_, dice_, std::move(doorless)));
  EXPECT_TRUE(upstream_->asked.empty());
}

TEST_F(HealthProbe, StopsBeforeItAsksAgain) {
  stop_.request_stop();
  run_now(probe_provider(clock_, dice_, order(Probe::Models)));
  EXPECT_TRUE(upstream_->asked.empty());
}

}  // namespace
}  // namespace sluice::routing
