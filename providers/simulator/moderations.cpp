// POST /v1/moderations: a category is flagged when the text has its name in it.
#include "base/text.h"
#include "providers/simulator/endpoints.h"
#include "providers/simulator/json_text.h"

#include <algorithm>

namespace sluice::providers::simulator {
namespace {

constexpr std::string_view kCategories[] = {
    "harassment",
    "harassment/threatening",
    "sexual",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm/intent",
    "self-harm/instructions",
    "self-harm",
    "sexual/minors",
    "violence",
    "violence/graphic",
};

bool names(std::string_view text, std::string_view category) {
  const auto same = [](char one, char other) { return text::lower(one) == other; };
  return std::search(text.begin(), text.end(), category.begin(), category.end(), same) !=
         text.end();
}

// "NAME":{category:value,…}
template <class Write>
void append_categories(std::string& out, std::string_view name, Write write) {
  append(out, ",\"", name, "\":{");
  for (const auto category : kCategories) {
    append(out, category.data() == kCategories[0].data() ? "\"" : ",\"", category,
           "\":", write(category));
  }
  out += '}';
}

void append_result(std::string& out, std::string_view text) {
  const bool flagged =
      std::ranges::any_of(kCategories, [text](auto category) { return names(text, category); });
  append(out, R"({"flagged":)", flagged ? "true" : "false");
  append_categories(out, "categories",
                    [text](auto category) { return names(text, category) ? "true" : "false"; });
  append_categories(out, "category_scores",
                    [text](auto category) { return names(text, category) ? "0.99" : "0.0001"; });
  append_categories(out, "category_applied_input_types", [](auto) { return R"(["text"])"; });
  out += '}';
}

}  // namespace

Result<Made> moderations(Call& call) {
  TRY(const auto ask, read_inputs(*call.root, call.arena));
  Made made;
  auto& out = made.body;
  out += R"({"id":")";
  call.identity.append_id(out, "modr-");
  out += R"(","model":)";
  append_quoted(out, call.identity.model);
  out += R"(,"results":[)";
  for (std::size_t index = 0; index < ask.texts.size(); ++index) {
    if (index > 0) out += ',';
    append_result(out, ask.texts[index]);
  }
  out += "]}";
  return made;
}

}  // namespace sluice::providers::simulator
