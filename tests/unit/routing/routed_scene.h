// Requests that are routed under a configuration, to providers that answer by a script.
#pragma once

#include "base/json.h"
#include "config/snapshot.h"
#include "dialect/caller_request.h"
#include "providers/credentials/api_key.h"
#include "providers/openai/provider.h"
#include "routing/allowance.h"
#include "routing/key_pool.h"
#include "routing/router.h"
#include "unit/config/loading.h"
#include "unit/routing/fixed_dice.h"
#include "unit/routing/scripted_upstream.h"
#include "unit/routing/timeline.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::routing {

// What a caller is told.
struct Told {
  std::string text;
  std::string thoughts;
  std::vector<std::string> ids;
  std::vector<FinishReason> stops;
  std::optional<Usage> usage;
  std::size_t pings = 0;
  Failure failure;  // Null: it came to its proper end.
};

// One request, from its arrival until its answer has ended.
struct Asked {
  Asked(Clock& clock, std::string text) : body(std::move(text)), context(arena, draft, clock) {}

  Arena arena;
  Arena draft;
  std::string body;
  json::Reader reader;
  Context context;
  Request request;

  // Whom it was sent to, in that order.
  std::vector<std::string> targets() const {
    std::vector<std::string> all;
    for (const Attempt* one = context.account.first(); one; one = one->next) {
      all.push_back(std::string(one->provider) + "/" + std::string(one->model));
    }
    return all;
  }
};

class RoutedScene : public testing::Test {
 protected:
  // Its providers may be of any kind; all of them speak as OpenAI does.
  void configure(std::string_view yaml) {
    router_.reset();
    snapshot_ = config::snapshot_of(yaml);
    std::vector<Destination> all;
    for (const config::ProviderSettings& settings : snapshot_->config().providers) {
      all.push_back(destination_of(settings));
    }
    ground_ = std::make_unique<RouterGround>(RouterGround{.snapshot = *snapshot_,
                                                          .destinations = std::move(all),
                                                          .common = common_,
                                                          .random = dice_,
                                                          .hold = {}});
    router_ = std::make_unique<Router>(*ground_);
  }

  ScriptedUpstream& at(const std::string& provider) {
    auto& upstream = upstreams_[provider];
    if (!upstream) upstream = std::make_shared<ScriptedUpstream>(clock_);
    return *upstream;
  }
  void will_answer(const std::string& provider, Answer answer) {
    at(provider).answers.push_back(std::move(answer));
  }
  void will_say(const std::string& provider, std::string_view text, Duration after = {}) {
    will_answer(provider, json_answer(200,
                                      R"({"id":"c","choices":[{"index":0,"message":{"content":")" +
                                          std::string(text) + R"("}}]})",
                                      after));
  }

  // A request as it comes to the router: resolved, with the members after its messages.
  std::unique_ptr<Asked> request(std::string_view model, std::string_view members = "") {
    auto asked = std::make_unique<Asked>(
        clock_, R"({"model":")" + std::string(model) +
                    R"(","messages":[{"role":"user","content":")" + content_ + R"("}])" +
                    (members.empty() ? "" : ",") + std::string(members) + "}");
    const auto read =
        dialect::read_caller_request(asked->body, {}, asked->reader, asked->arena, asked->request);
    EXPECT_TRUE(read);
    asked->context.account.prompt_bytes = asked->body.size();
    asked->context.arrival = clock_.now();
    const auto found = snapshot_->models().find(model, asked->arena);
    EXPECT_TRUE(found) << model;
    if (!found) return asked;
    asked->request.candidates = found->candidates;
    asked->request.entry = found->index;
    return asked;
  }
  static constexpr std::string_view kStream = R"("stream":true)";

  Result<Reply> route(Asked& asked) {
    return clock_.run(router_->call(asked.context, asked.request));
  }
  // Who answers, or the code of the error.
  std::string answerer(Asked& asked) {
    auto reply = route(asked);
    return reply ? asked.targets().back() : std::string(reply.error()->code);
  }
  std::string answerer(std::string_view model, std::string_view members = "") {
    const auto asked = request(model, members);
    return answerer(*asked);
  }

  // All of an answer whose events are told.
  Told receive(Reply& reply) {
    Told told;
    for (bool last = false; !last;) {
      auto batch = clock_.run(reply.items->next());
      if (!batch) {
        told.failure = std::move(batch.error());
        break;
      }
      last = batch->last;
      for (const Item& item : batch->items) {
        told.pings += item.origin == Origin::Ping ? 1 : 0;
        for (const Event& event : item.events) hear(told, event);
      }
    }
    return told;
  }

  // Of PROVIDER/MODEL, once it is named in `models:`.
  TargetState& state(std::string_view target) {
    for (const auto& one : common_.fleet.list()) {
      if (one->name == target) return *one;
    }
    throw std::out_of_range(std::string(target));
  }
  // Lets its breaker open.
  void break_down(std::string_view target) {
    TargetState& broken = state(target);
    for (int i = 0; i < 5; ++i) {
      broken.breaker.failed(broken.breaker.claim(clock_.now()), clock_.now(), FixedDice::kHalf);
    }
  }

  Timeline clock_;
  FixedDice dice_;
  CommonKnowledge common_{clock_};
  std::shared_ptr<const config::Snapshot> snapshot_;
  std::unique_ptr<RouterGround> ground_;
  std::unique_ptr<Router> router_;
  std::string content_ = "Hi";  // Of the one message that is sent.

 private:
  static void hear(Told& told, const Event& event) {
    if (const auto* text = std::get_if<TextDelta>(&event)) told.text += text->text;
    if (const auto* thought = std::get_if<ReasoningDelta>(&event)) told.thoughts += thought->text;
    if (const auto* start = std::get_if<ReplyStarted>(&event)) told.ids.emplace_back(start->id);
    if (const auto* stop = std::get_if<ReplyStopped>(&event)) told.stops.push_back(stop->reason);
    if (const auto* usage = std::get_if<Usage>(&event)) told.usage = *usage;
  }

  Destination destination_of(const config::ProviderSettings& settings) {
    at(settings.name);
    Destination one;
    one.name = settings.name;
    one.provider = std::make_shared<providers::OpenAiProvider>();
    std::vector<KeyShare> keys;
    keys.reserve(settings.keys.list.size());
    for (const config::ProviderKey& key : settings.keys.list) {
      keys.push_back({"key " + std::to_string(keys.size()), key.weight});
    }
    one.credentials.assign(std::max<std::size_t>(keys.size(), 1),
                           std::make_shared<providers::NoKey>());
    one.keys = std::make_shared<KeyPool>(settings.name, KeyBlame::All, std::move(keys));
    if (settings.limits.requests_per_minute || settings.limits.tokens_per_minute) {
      one.allowance = std::make_shared<Allowance>(settings.limits.requests_per_minute,
                                                  settings.limits.tokens_per_minute);
    }
    if (settings.limits.concurrent) {
      one.bulkhead = std::make_shared<Bulkhead>(settings.limits.concurrent);
    }
    one.upstream = upstreams_[settings.name];
    one.memory = std::make_shared<ProviderMemory>();
    one.kind = settings.kind;
    one.state = common_.fleet.get_or_make(settings.name + "/*", settings.breaker, std::nullopt);
    one.base_path = "/v1";
    one.first_token = settings.timeouts.first_token;
    one.between_tokens = settings.timeouts.between_tokens;
    one.total = settings.timeouts.total;
    one.has_no_key = settings.lacks_credential();
    return one;
  }

  std::map<std::string, std::shared_ptr<ScriptedUpstream>> upstreams_;
};

}  // namespace sluice::routing
