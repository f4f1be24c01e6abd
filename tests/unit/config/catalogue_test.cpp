// Types of providers: those that are built in, and what folders add to them.
#include "config/built_in.h"
#include "config/catalogue_reader.h"
#include "unit/config/loading.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace sluice::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> errors_of_catalogue(std::string_view text) {
  Findings findings("catalogue.yaml", 20);
  EXPECT_FALSE(read_catalogue(text, findings));
  return texts(findings.take_errors());
}

CatalogueTexts catalogue_of(std::string_view text) {
  Findings findings("catalogue.yaml", 20);
  auto read = read_catalogue(text, findings);
  for (const auto& each : findings.take_errors()) ADD_FAILURE() << each.text();
  return read.value_or(CatalogueTexts{});
}

TEST(BuiltInCatalogue, KnowsEveryType) {
  const Catalogue catalogue(built_in_kinds());

  for (const std::string_view type : {"openai",
                                      "azure",
                                      "anthropic",
                                      "gemini",
                                      "vertex",
                                      "bedrock",
                                      "mistral",
                                      "cohere",
                                      "groq",
                                      "deepseek",
                                      "xai",
                                      "together",
                                      "fireworks",
                                      "openrouter",
                                      "perplexity",
                                      "huggingface",
                                      "huggingface-tgi",
                                      "huggingface-tei",
                                      "ollama",
                                      "vllm",
                                      "sglang",
                                      "llama.cpp",
                                      "lmstudio",
                                      "cerebras",
                                      "sambanova",
                                      "nvidia_nim",
                                      "deepinfra",
                                      "moonshot",
                                      "zhipu",
                                      "dashscope",
                                      "minimax",
                                      "databricks",
                                      "cloudflare",
                                      "github",
                                      "replicate",
                                      "voyage",
                                      "jina",
                                      "openai-compatible",
                                      "simulator"}) {
    const ProviderKind* kind = catalogue.find(type);
    ASSERT_TRUE(kind) << type;
    EXPECT_FALSE(kind->title.empty()) << type;
    EXPECT_FALSE(kind->telemetry_name.empty()) << type;
    EXPECT_TRUE(kind->operations.any()) << type;
  }
  EXPECT_EQ(catalogue.find("openia"), nullptr);
}

TEST(BuiltInCatalogue, IsSorted) {
  EXPECT_TRUE(std::ranges::is_sorted(built_in_kinds(), {}, &ProviderKind::type));
  for (const ProviderKind& kind : built_in_kinds()) {
    EXPECT_TRUE(std::ranges::is_sorted(kind.models, {}, &ModelFacts::id)) << kind.type;
  }
}

TEST(BuiltInCatalogue, KnowsWhatModelsCanDo) {
  const Catalogue catalogue(built_in_kinds());

  const ModelFacts* gpt = catalogue.find("openai")->find("gpt-4o");
  ASSERT_TRUE(gpt);
  EXPECT_EQ(gpt->context, 128'000);
  EXPECT_EQ(gpt->most_output, 16'384);
  EXPECT_TRUE(gpt->abilities.has(Ability::ImagesIn));
  EXPECT_FALSE(gpt->abilities.has(Ability::Reasoning));
  const ModelFacts* claude = catalogue.find("anthropic")->find("claude-sonnet-4-5");
  ASSERT_TRUE(claude);
  EXPECT_EQ(claude->context, 200'000);
  EXPECT_TRUE(claude->abilities.has(Ability::DocumentsIn));
  EXPECT_EQ(catalogue.find("openai")->find("gpt-nothing"), nullptr);
}

TEST(ProviderKind, FindsTheExactModelElseTheLongestBeginning) {
  Catalogue catalogue;
  catalogue.merge(
      catalogue_of("type: acme\n"
                   "models: { a-1: { context: 1 }, 'a-*': { context: 2 },\n"
                   "          'a-1*': { context: 3 }, '*': { context: 4 } }\n"));
  const ProviderKind& kind = *catalogue.find("acme");

  EXPECT_EQ(kind.find("a-1")->context, 1);
  EXPECT_EQ(kind.find("a-12")->context, 3);
  EXPECT_EQ(kind.find("a-2")->context, 2);
  EXPECT_EQ(kind.find("b")->context, 4);
}

TEST(Catalogue, AddsATypeThatNeedsNothingButAName) {
  Catalogue catalogue(built_in_kinds());

  catalogue.merge(catalogue_of("type: acme\nbase_url: \"https://acme.example/v1\"\n"));

  const ProviderKind* acme = catalogue.find("acme");
  ASSERT_TRUE(acme);
  EXPECT_EQ(acme->api, Api::OpenAi);
  EXPECT_EQ(acme->key, KeyKind::Bearer);
  EXPECT_EQ(acme->title, "acme");
  EXPECT_EQ(acme->telemetry_name, "acme");
  EXPECT_TRUE(std::ranges::is_sorted(catalogue.types()));
}

TEST(Catalogue, ChangesOnlyWhatIsSaid) {
  Catalogue catalogue(built_in_kinds());
  const ProviderKind before = *catalogue.find("groq");
  const ModelFacts* whisper = before.find("whisper-large-v3");

  catalogue.merge(
      catalogue_of("type: groq\n"
                   "base_url: \"https://groq.internal/v1\"\n"
                   "quirks: { refuses: [logprobs], most_embeddings: 8 }\n"
                   "models: { llama-3.3-70b-versatile: { output: 5 }, mine: {} }\n"));

  const ProviderKind& after = *catalogue.find("groq");
  EXPECT_EQ(after.title, before.title);
  EXPECT_EQ(after.operations, before.operations);
  EXPECT_EQ(after.base_url, "https://groq.internal/v1");
  EXPECT_THAT(after.quirks.refuses, ElementsAre("logprobs"));
  EXPECT_EQ(after.quirks.most_embeddings, 8);
  EXPECT_EQ(after.quirks.completion_tokens, before.quirks.completion_tokens);
  EXPECT_EQ(after.find("llama-3.3-70b-versatile")->context,
            before.find("llama-3.3-70b-versatile")->context);
  EXPECT_EQ(after.find("llama-3.3-70b-versatile")->most_output, 5);
  EXPECT_EQ(after.find("mine")->abilities, before.abilities);
  EXPECT_EQ(after.find("whisper-large-v3")->abilities, whisper->abilities);
}

TEST(CatalogueReader, TellsWhereAndWhatIsWrong) {
  EXPECT_THAT(errors_of_catalogue("titel: Acme\n"),
              ElementsAre("catalogue.yaml:1:1: lacks \"type\": text",
                          "catalogue.yaml:1:1: titel: unknown key; did you mean \"title\"?"));
  EXPECT_THAT(errors_of_catalogue("type: acme\napi: opnai\n"),
              ElementsAre(HasSubstr("2:6: api: expected an api such as openai or anthropic, not "
                                    "\"opnai\"; did you mean \"openai\"?")));
  EXPECT_THAT(errors_of_catalogue("type: acme\nabilities: [tool]\n"),
              ElementsAre(HasSubstr("2:13: abilities[0]: expected an ability")));
  EXPECT_THAT(errors_of_catalogue("type: acme\nmodels: { a: { context: -1 } }\n"),
              ElementsAre(HasSubstr("2:25: models.a.context: expected a count")));
  EXPECT_THAT(errors_of_catalogue("type: acme\nmodels: { 'a*b': {} }\n"),
              ElementsAre(HasSubstr("expected a model's name")));
  EXPECT_THAT(errors_of_catalogue("type: Acme\n"),
              ElementsAre(HasSubstr("1:7: type: expected small letters")));
  EXPECT_THAT(errors_of_catalogue("type: acme\nbase_url: acme.example\n"),
              ElementsAre(HasSubstr("2:11: base_url: expected a URL")));
}

constexpr std::string_view kWithFolder =
    "catalogues: [catalogues]\n"
    "providers: { a: { type: acme, keys: [k] } }\n"
    "models: { 'x-*': a/* }\n";

TEST(Catalogues, AreReadFromFilesAndFolders) {
  FakeEnvironment environment;
  environment.files = {{"/etc/sluice/catalogues/acme/catalogue.yaml",
                        "type: acme\nbase_url: \"https://acme.example/v1\"\nmodels: { m: {} }\n"},
                       {"/etc/sluice/catalogues/groq.yaml", "type: groq\ntitle: Ours\n"},
                       {"/etc/sluice/catalogues/notes.txt", "not read"}};

  const auto snapshot = snapshot_of(kWithFolder, environment);

  const ProviderSettings* acme = snapshot->provider("a");
  ASSERT_TRUE(acme && acme->kind);
  EXPECT_EQ(acme->base_url.text(), "https://acme.example/v1");
  EXPECT_EQ(snapshot->catalogue().find("groq")->title, "Ours");
  EXPECT_THAT(snapshot->files(), Contains("/etc/sluice/catalogues/acme/catalogue.yaml"));
  EXPECT_THAT(snapshot->files(), Contains("/etc/sluice/catalogues"));
  Arena arena;
  const auto found = snapshot->models().find("x-m", arena);
  EXPECT_EQ(snapshot->models().facts(found->candidates.front()), acme->kind->find("m"));
}

TEST(Catalogues, MakeAnotherConfigurationWhenTheyChange) {
  FakeEnvironment environment;
  environment.files["/etc/sluice/catalogues/acme.yaml"] =
      "type: acme\nbase_url: \"https://acme.example/v1\"\n";
  const auto before = snapshot_of(kWithFolder, environment);

  environment.files["/etc/sluice/catalogues/acme.yaml"] += "quirks: { developer_role: true }\n";

  EXPECT_NE(snapshot_of(kWithFolder, environment)->fingerprint(), before->fingerprint());
}

TEST(Catalogues, TellMistakesInTheirOwnFiles) {
  FakeEnvironment environment;
  environment.files["catalogues/acme.yaml"] = "type: acme\nbase_url: 5\n";
  EXPECT_THAT(errors_of("catalogues: [./catalogues]\n", environment), testing::SizeIs(1));
  environment.files.clear();
  EXPECT_THAT(
      errors_of("catalogues: [catalogues]\n", environment),
      ElementsAre(HasSubstr("sluice.yaml:1:14: catalogues[0]: catalogues: cannot read it")));
  const auto loaded = load_text("catalogues: [nowhere]\nproviders: { a: { type: acme } }\n",
                                "sluice.yaml", environment, {.no_secrets = true});
  ASSERT_TRUE(loaded);
  EXPECT_THAT(texts((*loaded)->warnings()), Contains(HasSubstr("catalogues[0]: nowhere: cannot")));
}

std::vector<std::string> listed(const Snapshot& snapshot) {
  std::vector<std::string> names;
  for (const ListedModel& model : snapshot.models().listed()) names.push_back(model.name);
  return names;
}

TEST(ListedModels, AreTheEntriesAndWhatWildcardsAndProvidersMean) {
  FakeEnvironment environment;
  environment.files["/etc/sluice/catalogues/acme.yaml"] =
      "type: acme\nbase_url: \"https://acme.example/v1\"\n"
      "models: { big-1: {}, small-1: {}, 'old-*': {} }\n";

  const auto snapshot = snapshot_of(
      "catalogues: [catalogues]\n"
      "providers: { a: { type: acme, keys: [k] }, off: { type: acme, keys: [''] } }\n"
      "models: { 'big-*': a/$0, 'x-*': a/small-*, 'any-*': a/big-1, one: off/z, 'o-*': off/* }\n",
      environment);

  EXPECT_THAT(listed(*snapshot), ElementsAre("one", "big-1", "x-1", "a/big-1", "a/small-1"));
}

TEST(ListedModels, NameNoProviderWhereThatIsOff) {
  const auto snapshot = snapshot_of(
      "server: { direct_models: false }\n"
      "providers: { o: { type: openai, keys: [k] } }\n");

  EXPECT_THAT(listed(*snapshot), IsEmpty());
}

}  // namespace
}  // namespace sluice::config
