// What routing asks of a request, found out when it is asked for and at most once.
#pragma once

#include "sluice/catalogue.h"
#include "sluice/context.h"

#include "config/expression.h"
#include "config/model_settings.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::routing {

// What is taken for granted of a request instead of being read from it.
struct Supposed {
  std::optional<std::int64_t> input_tokens;
  std::optional<Abilities> needs;
};

class RequestFacts final : public config::ExpressionInputs {
 public:
  // Both outlive this, and so does the request's body.
  RequestFacts(Context& context, Request& request, const Supposed& supposed = {})
      : context_(context),
        request_(request),
        input_tokens_(supposed.input_tokens.value_or(-1)),
        supposed_tokens_(supposed.input_tokens),
        possible_(supposed.needs),
        needs_(supposed.needs) {}

  const Request& request() const { return request_; }

  // About: a quarter of the body's bytes; where it may hold media, by what stands in it.
  std::int64_t input_tokens();
  // Hardly more than these, whatever counts: hardly a text has a token for every other byte.
  std::int64_t most_input_tokens() const;
  // As that model counts, as exactly as is known here: time grows with the body.
  std::int64_t input_tokens_for(std::string_view vendor, std::string_view model);

  Abilities possible_needs();  // No more than these: cheap.
  Abilities needs();           // Exactly these, hints included.

  std::optional<std::int64_t> max_tokens() const { return request_.max_tokens; }
  std::optional<double> temperature();
  // For whom it is: the key's user, else x-sluice-user, else the body's.
  std::string_view user() const;
  // What the answer will be, for estimates of time and cost.
  std::int64_t output_tokens() const;

  // A hash of whom or what the request belongs to; the same in every process. Nothing: it does not
  // say.
  std::optional<std::uint64_t> affinity(const config::StickySettings& sticky);

  config::Value value(config::Name name) noexcept override;
  std::optional<std::string_view> tag(std::string_view name) noexcept override;
  std::optional<std::string_view> header(std::string_view lower_case_name) noexcept override;

 private:
  void read_body();
  std::optional<std::uint64_t> prompt_hash();
  bool needs(Ability ability);
  config::Value need(config::Name name);

  Context& context_;
  Request& request_;
  std::int64_t input_tokens_ = -1;
  const std::optional<std::int64_t> supposed_tokens_;
  // Once for each known encoding, whoever's model it is; of all others for the last one.
  std::array<std::int64_t, 2> counted_{-1, -1};
  std::int64_t estimated_ = -1;
  std::string_view estimated_vendor_;
  std::string_view estimated_model_;
  std::optional<Abilities> possible_;
  std::optional<Abilities> needs_;
  bool body_read_ = false;
  std::optional<double> temperature_;
  std::optional<std::uint64_t> prompt_hash_;
};

}  // namespace sluice::routing
