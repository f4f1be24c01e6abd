// One call of one target with one key: encode, sign, send, and read until it is sure what kind of
// answer it is.
#pragma once

#include "config/model_settings.h"
#include "routing/aftermath.h"
#include "routing/destination.h"
#include "routing/key_pool.h"

namespace sluice::routing {

// How patiently a target is asked, and what of its answer is waited for.
struct TryRules {
  Duration first_token{};
  Duration between_tokens{};
  Duration total{};
  Duration commit = std::chrono::seconds(15);
  std::size_t commit_bytes = std::size_t{64} * 1024;
  std::size_t event = std::size_t{16} << 20;
  bool retold = false;       // The answer's events are wanted, also where the dialects match.
  bool replaceable = false;  // So they are of a stream that goes out before its content.
};

// Those of a destination, as far as the group has no own.
TryRules rules_of(const config::GroupSettings& group, const Destination& destination,
                  std::size_t event_limit);

class Try {
 public:
  Try(Context& context, const Request& request, const Destination& destination,
      const Target& target, const TryRules& rules, Attempt& attempt, Aftermath aftermath);

  // With one of the destination's keys, whose pool is told how it was received.
  Task<Result<Reply>> run(const KeyUse& key);
  // What was to be counted about the key.
  KeyCondition key_condition() const { return key_condition_; }

 private:
  bool translates() const;
  bool wants_meaning() const { return rules_.retold || translates(); }
  const Credential& credential() const { return *destination_.credentials[key_->key]; }

  Task<Result<void>> prepare(UpstreamRequest& upstream) const;
  bool is_success(const UpstreamReply& reply);
  Task<Result<Reply>> follow(ArenaPtr<Plan> plan);
  Instant answer_by() const;
  std::string_view last_patience() const;  // What ends at answer_by().
  void set_patience(UpstreamRequest& upstream) const;
  Task<Result<Reply>> refused(UpstreamReply& reply);
  Task<Result<Reply>> stream(ArenaPtr<UpstreamReply> reply);
  Result<Reply> bytes(ArenaPtr<UpstreamReply> reply);
  Result<Reply> whole(ArenaPtr<UpstreamReply> reply, std::string_view body);
  Result<Reply> made(ArenaPtr<Plan> plan, std::string_view body);
  template <class Source>
  Result<Reply> answered(ReplyHead head, Source source, std::string_view body);
  Reply reply_of(const ReplyHead& head, ArenaPtr<ItemStream> items) const;

  Context& context_;
  const Request& request_;
  const Destination& destination_;
  const Target& target_;
  const TryRules& rules_;
  const Dialect spoken_;
  Attempt& attempt_;
  Aftermath aftermath_;
  const KeyUse* key_ = nullptr;
  std::span<const std::string_view> dropped_;
  KeyCondition key_condition_ = KeyCondition::Usable;
};

// The end of an attempt that brought nothing.
void end_attempt(Attempt& attempt, const Context& context, const ApiError& error);

}  // namespace sluice::routing
