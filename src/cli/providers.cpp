#include "sluice/operation.h"

#include "cli/columns.h"
#include "cli/commands.h"

#include <array>
#include <span>

namespace sluice::cli {
namespace {

constexpr std::array kOfOpenAi{
    Operation::Chat,         Operation::Completions,     Operation::Responses,
    Operation::Embeddings,   Operation::Moderations,     Operation::Images,
    Operation::ImageEdits,   Operation::ImageVariations, Operation::Transcriptions,
    Operation::Translations, Operation::Speech,          Operation::Rerank,
    Operation::Raw,
};
constexpr std::array kOfSimulator{
    Operation::Chat,         Operation::Completions,     Operation::Responses,
    Operation::Embeddings,   Operation::Moderations,     Operation::Images,
    Operation::ImageEdits,   Operation::ImageVariations, Operation::Transcriptions,
    Operation::Translations, Operation::Speech,          Operation::Raw,
};

struct ProviderRow {
  std::string_view type;
  std::string_view dialect;
  std::span<const Operation> operations;
};

constexpr std::array kRows{
    ProviderRow{"openai", "openai", kOfOpenAi},
    ProviderRow{"openai-compatible", "openai", kOfOpenAi},
    ProviderRow{"simulator", "openai", kOfSimulator},
};

std::string words(std::span<const Operation> operations) {
  std::string list;
  for (const Operation operation : operations) {
    if (!list.empty()) list += ' ';
    list += traits(operation).name;
  }
  return list;
}

}  // namespace

int providers(std::ostream& out) {
  Rows rows{{"TYPE", "DIALECT", "OPERATIONS"}};
  for (const ProviderRow& row : kRows) {
    rows.push_back({std::string(row.type), std::string(row.dialect), words(row.operations)});
  }
  print_columns(rows, out);
  return 0;
}

}  // namespace sluice::cli
