// Bit for bit what the npm package `tiktoken` makes of the documents of expect.mjs.
#include "ledger/tokens.h"
#include "unit/ledger/documents.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>
#include <string>

namespace sluice::ledger {
namespace {

const std::string kFolder = SLUICE_SOURCE_DIR "/tests/unit/ledger/";

struct Expected {
  std::string kind;
  std::string argument;
  std::size_t bytes = 0;
  std::string hash;
  std::size_t tokens[2] = {};
  std::string token_hashes[2];
};

std::istream& operator>>(std::istream& in, Expected& line) {
  in >> line.kind >> line.argument >> line.bytes >> line.hash;
  for (int i = 0; i < 2; ++i) in >> line.tokens[i] >> line.token_hashes[i];
  return in;
}

template <class Numbers>
std::string hexadecimal_hash(const Numbers& numbers) {
  char digits[9];
  std::snprintf(digits, sizeof(digits), "%08x", hash_of(numbers));
  return digits;
}

TEST(TokensOfThePackage, AreTheTokensMadeHere) {
  const char* other = std::getenv("SLUICE_TOKEN_EXPECTATIONS");
  std::istringstream list(read_file(other != nullptr ? other : kFolder + "expected.txt"));
  const Documents documents(read_file(kFolder + "fragments.txt"));

  std::size_t compared = 0;
  std::size_t bytes = 0;
  for (Expected line; list >> line; ++compared) {
    const auto text = documents.make(line.kind, line.argument);
    ASSERT_EQ(hexadecimal_hash(text), line.hash) << line.kind << ' ' << line.argument;
    ASSERT_EQ(text.size(), line.bytes);
    bytes += text.size();
    for (const auto encoding : {Encoding::Cl100k, Encoding::O200k}) {
      const auto index = static_cast<std::size_t>(encoding);
      const auto tokens = encode(encoding, text);
      EXPECT_EQ(tokens.size(), line.tokens[index]) << line.kind << ' ' << line.argument;
      EXPECT_EQ(hexadecimal_hash(tokens), line.token_hashes[index])
          << line.kind << ' ' << line.argument << ", encoding " << index;
      if (line.kind == "mix") EXPECT_EQ(count_tokens(encoding, text), tokens.size());
    }
  }
  RecordProperty("documents", std::to_string(compared));
  RecordProperty("bytes", std::to_string(bytes));
  if (other == nullptr) EXPECT_EQ(compared, 587U);
}

}  // namespace
}  // namespace sluice::ledger
