// docs/translation.md says what becomes of every field on its way to every kind of provider: it is
// made here, of what the dialects do.
#include "dialect/conversation_dialect.h"
#include "golden/fields.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>

namespace sluice::golden {
namespace {

using dialect::conversation_dialect;

constexpr std::string_view kIntroduction = R"(# What translation carries

A caller asks in one dialect and may be answered by a model that speaks another. What a request says is then carried
over, or told as nearly as the target can take it; what the target has no word for never vanishes silently:

- a **hint** changes no meaning (`user`, `metadata`, marks for a cache): it is dropped, and the answer's header
  `x-sluice-dropped` names it;
- what is **meaning** (several answers, odds, a tool that must be called): the request is refused with status 400, code
  `unsupported_parameter`, and `param` names the field.

`x-sluice-drop` of a request says what may be dropped: `none`, `hints` (as it is without it), `all`, or names of fields.
`server.drop` and a provider's `drop` in the configuration say it for all requests.

The tables say it per caller's dialect: **yes** is carried, **nearly** is told otherwise (a schema as an instruction, an
effort as a budget), **dropped** is a hint that the target lacks, **refused** is meaning that it lacks, **–** asks nothing
that is not so anyway. They speak of a model of which nothing is known: of known models and providers, more is carried.

This page is made by `./dev golden --update`, and the tests fail where it differs from what the code does.
)";

std::string_view title(Dialect dialect) {
  static const std::map<Dialect, std::string_view> kTitles = {
      {Dialect::Chat, "Chat"},         {Dialect::Responses, "Responses"},
      {Dialect::Messages, "Messages"}, {Dialect::Gemini, "Gemini"},
      {Dialect::Converse, "Converse"}, {Dialect::Cohere, "Cohere"},
      {Dialect::Ollama, "Ollama"}};
  return kTitles.at(dialect);
}

std::string_view subtitle(Dialect caller) {
  static const std::map<Dialect, std::string_view> kTitles = {
      {Dialect::Chat, "Asked in OpenAI's chat completions"},
      {Dialect::Responses, "Asked in OpenAI's Responses"},
      {Dialect::Messages, "Asked in Anthropic's Messages"},
      {Dialect::Gemini, "Asked in Gemini's generateContent"},
      {Dialect::Converse, "Asked in Bedrock's Converse"}};
  return kTitles.at(caller);
}

struct Asking {
  std::optional<std::string> body;
  bool nearly = false;
};

Asking ask(Dialect caller, const Json& request, Dialect target, DropPolicy::Which which) {
  Arena arena;
  json::Reader reader;
  const std::string text = request.dump();
  const auto root = reader.parse(text);
  Conversation conversation;
  const auto read = conversation_dialect(caller)->read(*root, arena, conversation);
  EXPECT_TRUE(read) << read.error()->message << text;
  dialect::Losses losses({.which = which}, arena);
  const auto body =
      conversation_dialect(target)->write(conversation, {.model = "m"}, losses, arena);
  Asking asking;
  asking.nearly = !losses.approximated().empty();
  if (body) asking.body = std::string(*body);
  return asking;
}

std::string_view fate(Dialect caller, const Field& field, Dialect target) {
  const Json least = least_request(caller);
  Json request = least;
  request.merge_patch(field.patch);
  const Asking strict = ask(caller, request, target, DropPolicy::Which::None);
  if (strict.body) {
    if (strict.nearly) return "nearly";
    const auto bare = ask(caller, least, target, DropPolicy::Which::None);
    return bare.body && Json::parse(*bare.body) == Json::parse(*strict.body) ? "–" : "yes";
  }
  return ask(caller, request, target, DropPolicy::Which::Hints).body ? "dropped" : "refused";
}

std::string page() {
  std::ostringstream page;
  page << kIntroduction;
  for (const Dialect caller : kCallers) {
    page << "\n## " << subtitle(caller) << "\n\n| |";
    for (const Dialect target : kTargets) page << ' ' << title(target) << " |";
    page << "\n| --- |";
    for (std::size_t i = 0; i < std::size(kTargets); ++i) page << " --- |";
    page << '\n';
    for (const Field& field : fields_of(caller)) {
      page << "| " << field.name << " |";
      for (const Dialect target : kTargets) page << ' ' << fate(caller, field, target) << " |";
      page << '\n';
    }
  }
  return page.str();
}

TEST(Translation, DoesWithEveryFieldWhatThePageSays) {
  const std::string path = std::string(SLUICE_SOURCE_DIR) + "/docs/translation.md";
  const std::string made = page();
  if (std::getenv("SLUICE_UPDATE_GOLDEN")) {
    std::ofstream(path, std::ios::binary) << made;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream written;
  written << file.rdbuf();
  EXPECT_EQ(written.str(), made) << "If this is how it should be: ./dev golden --update";
}

TEST(Translation, CarriesEveryFieldToItsOwnDialect) {
  const std::set<std::string_view> others = {
      "top_k",                    // Only some providers that speak Chat have it.
      "thinking made by Gemini",  // Only Gemini can read its seal.
      "cachePoint",               // Some models refuse it; this one is not known to take it.
  };
  for (const Dialect caller : kCallers) {
    for (const Field& field : fields_of(caller)) {
      const auto what = fate(caller, field, caller);
      if (others.contains(field.name)) continue;
      EXPECT_TRUE(what == "yes" || what == "–")
          << title(caller) << ": " << field.name << " " << what;
    }
  }
}

}  // namespace
}  // namespace sluice::golden
