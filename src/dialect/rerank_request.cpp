#include "base/json_writer.h"
#include "dialect/arena_list.h"
#include "dialect/openai_fields.h"
#include "dialect/rerank.h"

#include <algorithm>
#include <array>
#include <string>

namespace sluice::dialect {
namespace {

using chat::is_given;
using chat::wrong_field;
using json::Kind;
using json::Value;

Result<Rankable> read_document(const Value& value, std::size_t at, Arena& arena) {
  if (value.kind() == Kind::String) {
    TRY(const std::string_view text, chat::read_text(value, "documents", arena));
    return Rankable{.text = text, .json = value.raw()};
  }
  const std::string place = "documents[" + std::to_string(at) + "]";
  if (value.kind() != Kind::Object) return wrong_field(place, "a text or an object");
  Rankable document{.text = value.raw(), .json = value.raw(), .plain = false};
  if (const auto text = value.find("text"); text && text->kind() == Kind::String) {
    TRY(document.text, chat::read_text(*text, place + ".text", arena));
    std::size_t members = 0;
    for ([[maybe_unused]] const auto member : value.members()) ++members;
    document.plain = members == 1;
  }
  return document;
}

// ---- Writing

void write_texts(const RankingWish& wish, std::string_view name, json::Writer& out) {
  out.key(name).begin_array();
  for (const Rankable& document : wish.documents) out.value(document.text);
  out.end_array();
}

// What this provider calls them.
struct Words {
  std::string_view documents = "documents";
  std::string_view most = {};
  std::string_view wanted = {};
  bool names_model = true;
  std::span<const std::string_view> extras = {};
};

Words words_of(Dialect spoken) {
  static constexpr std::array<std::string_view, 2> kCohere{"max_tokens_per_doc", "priority"};
  static constexpr std::array<std::string_view, 1> kVoyage{"truncation"};
  static constexpr std::array<std::string_view, 3> kTei{"truncate", "raw_scores",
                                                        "truncation_direction"};
  switch (spoken) {
    case Dialect::Voyage:
      return {.most = "top_k", .wanted = "return_documents", .extras = kVoyage};
    case Dialect::Tei:
      return {.documents = "texts", .wanted = "return_text", .names_model = false, .extras = kTei};
    case Dialect::Converse:
      return {.most = "top_n", .names_model = false};
    default:
      return {.most = "top_n", .extras = kCohere};
  }
}

// What is not said is decided by the answer's reader, or needs not be.
Result<void> write_rest(const RankingWish& wish, const Words& words, Losses& losses,
                        json::Writer& out) {
  for (const Extra& extra : wish.extras) {
    if (std::ranges::find(words.extras, extra.name) != words.extras.end()) {
      out.key(extra.name).raw(extra.json);
    } else {
      TRY_VOID(losses.lose(extra.importance, extra.name));
    }
  }
  return {};
}

}  // namespace

Result<RankingWish> read_ranking(std::string_view body, json::Reader& reader, Arena& arena) {
  // Its grammar was checked when it came; of what is carried on, all of it is checked now.
  TRY(const Value root, reader.parse(body, {.strict_up_to = SIZE_MAX}));
  constexpr std::string_view kKnown[] = {"model", "query", "documents", "top_n",
                                         "return_documents"};
  TRY(const auto fields, json::pick(root, kKnown));
  const auto& [model, query, documents, most, wanted] = fields;
  RankingWish wish;
  if (!is_given(query)) return wrong_field("query", "a text");
  TRY(wish.query, chat::read_text(*query, "query", arena));
  if (!is_given(documents) || documents->kind() != Kind::Array)
    return wrong_field("documents", "a list");
  ArenaList<Rankable> list(arena);
  for (const Value one : documents->elements()) {
    TRY(const Rankable document, read_document(one, list.size(), arena));
    list.add(document);
  }
  if (list.empty()) return wrong_field("documents", "a list that is not empty");
  wish.documents = list.all();
  if (is_given(most)) {
    TRY(wish.most, chat::read_count(*most, "top_n"));
  }
  if (is_given(wanted)) {
    TRY(wish.documents_wanted, chat::read_bool(*wanted, "return_documents"));
  }
  ArenaList<Extra> extras(arena);
  for (const auto member : root.members()) {
    const std::string_view name = chat::name_of(member, arena);
    if (std::ranges::find(kKnown, name) != std::end(kKnown) || chat::is_null(member.value))
      continue;
    // Which members of the documents count: the texts alone are ranked.
    const bool matters = name == "rank_fields";
    extras.add({.of = Dialect::OpenAi,
                .name = name,
                .json = member.value.raw(),
                .importance = matters ? Importance::Meaning : Importance::Hint});
  }
  wish.extras = extras.all();
  return wish;
}

Result<std::string_view> write_ranking(const RankingWish& wish, Dialect spoken,
                                       std::string_view model, Losses& losses, Arena& arena) {
  const bool plain = std::ranges::all_of(wish.documents, &Rankable::plain);
  if (!plain) losses.approximate("documents");
  const Words words = words_of(spoken);
  json::Writer out(arena);
  out.begin_object();
  if (words.names_model) out.member("model", model);
  out.member("query", wish.query);
  write_texts(wish, words.documents, out);
  if (!words.most.empty() && wish.most) out.member(words.most, *wish.most);
  if (!words.wanted.empty() && wish.documents_wanted) out.member(words.wanted, true);
  if (spoken == Dialect::Converse && model.find("cohere.") != std::string_view::npos)
    out.member("api_version", 2);
  TRY_VOID(write_rest(wish, words, losses, out));
  return out.end_object().text();
}

}  // namespace sluice::dialect
