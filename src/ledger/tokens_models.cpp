// Which encoding a model has.
#include "ledger/tokens.h"
#include "ledger/tokens_estimate.h"

#include <string_view>

namespace sluice::ledger {
namespace {

struct Family {
  std::string_view name;
  Encoding encoding;
};

// A family's name is followed by nothing or by one of "-:@"; that of a whole generation by "." as
// well. The first that fits counts.
constexpr Family kFamilies[] = {
    {"gpt-5", Encoding::O200k},
    {"gpt-4o", Encoding::O200k},
    {"gpt-4.1", Encoding::O200k},
    {"gpt-4.5", Encoding::O200k},
    {"chatgpt-4o", Encoding::O200k},
    {"o1", Encoding::O200k},
    {"o3", Encoding::O200k},
    {"o4", Encoding::O200k},
    {"gpt-oss", Encoding::O200k},  // Has more special tokens and no others.
    {"gpt-4", Encoding::Cl100k},
    {"gpt-3.5", Encoding::Cl100k},
    {"gpt-35", Encoding::Cl100k},  // As Azure spells it.
    {"text-embedding-3", Encoding::Cl100k},
    {"text-embedding-ada-002", Encoding::Cl100k},
    {"davinci-002", Encoding::Cl100k},
    {"babbage-002", Encoding::Cl100k},
};

bool belongs(std::string_view model, std::string_view family) {
  if (!model.starts_with(family)) return false;
  if (model.size() == family.size()) return true;
  const char next = model[family.size()];
  return next == '-' || next == ':' || next == '@' || (next == '.' && family == "gpt-5");
}

}  // namespace

std::optional<Encoding> encoding_of(std::string_view model) {
  // "openai/gpt-4o" as brokers say, "ft:gpt-4o:organization::id" when fine-tuned.
  if (model.starts_with("ft:")) {
    model.remove_prefix(3);
  } else if (const auto slash = model.rfind('/'); slash != std::string_view::npos) {
    model.remove_prefix(slash + 1);
  }
  if (model.starts_with("openai.")) model.remove_prefix(7);  // As Bedrock says.
  for (const auto& family : kFamilies) {
    if (belongs(model, family.name)) return family.encoding;
  }
  return std::nullopt;
}

TokenCount count_tokens(std::string_view vendor, std::string_view model, std::string_view text) {
  if (const auto encoding = encoding_of(model)) return {count_tokens(*encoding, text), true};
  // What OpenAI makes next most likely goes on with its newest encoding; a name that somebody gave
  // to a deployment may mean an older one.
  if ((vendor == "openai" || vendor == "azure") &&
      tokenizer_of(vendor, model) == Tokenizer::Broad) {
    return {count_tokens(Encoding::O200k, text), false};
  }
  return {estimate_tokens(tokenizer_of(vendor, model), text), false};
}

}  // namespace sluice::ledger
