// What the candidates of Gemini's answers say, chunk by chunk.
#pragma once

#include "sluice/provider.h"

#include "base/json.h"
#include "dialect/gemini_partial_args.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dialect {

class GeminiCandidates {
 public:
  // Calls without ids get some that nobody else has.
  void make_ids_from(std::string_view reply_id);
  // Whether this one is finished.
  bool read(const json::Value& candidate, Signals& signals, Meaning* meaning);
  // On the web, as far as was told.
  std::int64_t searches() const { return searches_; }

 private:
  struct State {
    std::uint32_t index = 0;
    std::uint32_t calls = 0;
    bool call_goes_on = false;
    GeminiPartialArgs arguments = {};
    std::string text = {};  // As far as citations may point into it.
    std::size_t citations = 0;
  };
  struct PartFields;

  State& state_of(std::uint32_t index);
  static PartFields fields_of(const json::Value& part);
  void read_parts(const json::Value& content, State& state, Signals& signals, Meaning* meaning);
  void say_part(const PartFields& fields, State& state, Meaning& meaning);
  void say_text(const PartFields& fields, std::string_view text, State& state, Meaning& meaning);
  void read_call(const PartFields& fields, State& state, Meaning* meaning);
  void say_grounding(const json::Value& grounding, State& state, Meaning& meaning);
  void say_support(const json::Value& support, const json::Value& chunks, State& state,
                   Meaning& meaning);
  static void say_citations(const json::Value& citations, State& state, Meaning& meaning);
  static void say_logprobs(const json::Value& result, std::uint32_t choice, Meaning& meaning);

  std::string id_prefix_;
  std::vector<State> states_;
  std::int64_t searches_ = 0;
};

}  // namespace sluice::dialect
