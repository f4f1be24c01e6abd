#include "ledger/bpe_vocabulary.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>

namespace sluice::ledger {
namespace {

constexpr std::size_t kSingles = 256;
constexpr unsigned kTokenBits = 18;
constexpr Token kTokenMask = (1U << kTokenBits) - 1;

std::uint64_t read64(const char* from) {
  std::uint64_t value = 0;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

std::uint32_t read32(const char* from) {
  std::uint32_t value = 0;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

// Both halves of the product take part, or the low bits would not know of the high ones.
std::uint64_t mix(std::uint64_t value) {
  const auto product =
      static_cast<unsigned __int128>(value ^ 0x9E3779B97F4A7C15U) * 0xD6E8FEB86659FD93U;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

std::uint64_t hash(std::string_view bytes) {
  const char* from = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t state = left;
  for (; left > 8; left -= 8, from += 8) state = mix(state ^ read64(from));
  if (left >= 4) {
    return mix(state ^ (std::uint64_t{read32(from)} << 32U) ^ read32(from + left - 4));
  }
  std::uint64_t rest = 0;
  for (std::size_t i = 0; i < left; ++i) rest = rest << 8U | static_cast<unsigned char>(from[i]);
  return mix(state << 32U ^ rest);
}

std::uint64_t hash(Token left, Token right) {
  return mix(std::uint64_t{left} << 32U | right);
}

std::uint32_t slot_of(std::uint64_t hash, Token token) {
  return static_cast<std::uint32_t>(hash >> 50U) << kTokenBits | token;
}

void insert(std::vector<std::uint32_t>& table, std::uint64_t hash, Token token) {
  auto at = hash & (table.size() - 1);
  while (table[at] != 0) at = (at + 1) & (table.size() - 1);
  table[at] = slot_of(hash, token);
}

// The token with this hash that `matches`, or kNoToken.
template <class Matches>
Token look_up(const std::vector<std::uint32_t>& table, std::uint64_t hash, Matches matches) {
  const auto tag = slot_of(hash, 0);
  for (auto at = hash & (table.size() - 1); table[at] != 0; at = (at + 1) & (table.size() - 1)) {
    const Token token = table[at] & kTokenMask;
    if ((table[at] & ~kTokenMask) == tag && matches(token)) return token;
  }
  return kNoToken;
}

unsigned first_two(std::string_view bytes) {
  return static_cast<unsigned char>(bytes[0]) * 256U + static_cast<unsigned char>(bytes[1]);
}

// Orders by the first eight bytes; what they have in common is compared in full.
struct SortKey {
  std::uint64_t first_bytes = 0;
  Token token = 0;
};

std::uint64_t first_bytes(std::string_view bytes) {
  char eight[8] = {};
  std::memcpy(eight, bytes.data(), std::min<std::size_t>(8, bytes.size()));
  return std::byteswap(read64(eight));
}

}  // namespace

Vocabulary::Vocabulary(std::string_view ranks, RanksSize size)
    : bytes_(size.bytes, '\0'), joins_(size.tokens), shorter_(size.tokens, kNoToken), single_(256) {
  starts_.reserve(size.tokens + 1);
  join_all(ranks);
  sort();
  index();
}

void Vocabulary::join_all(std::string_view ranks) {
  starts_.push_back(0);
  for (std::size_t rank = 0; rank < kSingles; ++rank) {
    bytes_[rank] = ranks[rank];
    starts_.push_back(static_cast<std::uint32_t>(rank + 1));
    single_[static_cast<unsigned char>(ranks[rank])] = static_cast<Token>(rank);
  }
  const std::size_t count = joins_.size() - kSingles;
  const auto* plane = reinterpret_cast<const unsigned char*>(ranks.data()) + kSingles;
  const auto part = [&](std::size_t side, std::size_t at) -> Token {
    const auto* low = plane + 3 * side * count + at;
    return low[0] | static_cast<Token>(low[count]) << 8U |
           static_cast<Token>(low[2 * count]) << 16U;
  };
  for (std::size_t i = 0; i < count; ++i) {
    const Join join{part(0, i), part(1, i)};
    joins_[kSingles + i] = join;
    char* to = bytes_.data() + starts_.back();
    std::memcpy(to, bytes_.data() + starts_[join.left], length(join.left));
    std::memcpy(to + length(join.left), bytes_.data() + starts_[join.right], length(join.right));
    const std::size_t grown = length(join.left) + length(join.right);
    longest_length_ = std::max(longest_length_, grown);
    starts_.push_back(static_cast<std::uint32_t>(starts_.back() + grown));
  }
}

void Vocabulary::sort() {
  std::vector<SortKey> keys;
  keys.reserve(size() - kSingles);
  for (Token token = kSingles; token < size(); ++token) {
    keys.push_back({first_bytes(bytes(token)), token});
  }
  std::ranges::sort(keys, [this](const SortKey& one, const SortKey& other) {
    if (one.first_bytes != other.first_bytes) return one.first_bytes < other.first_bytes;
    return bytes(one.token) < bytes(other.token);
  });
  sorted_.reserve(keys.size());
  std::ranges::transform(keys, std::back_inserter(sorted_), &SortKey::token);

  // A token's prefixes precede it: of those that are still open the last is the longest.
  std::vector<Token> open;
  for (const Token token : sorted_) {
    while (!open.empty() && !bytes(token).starts_with(bytes(open.back()))) open.pop_back();
    const auto first = static_cast<unsigned char>(bytes(token)[0]);
    shorter_[token] = open.empty() ? single_[first] : open.back();
    open.push_back(token);
  }
}

void Vocabulary::index() {
  first_sorted_.assign(256 * 256 + 1, static_cast<std::uint32_t>(sorted_.size()));
  for (std::size_t at = sorted_.size(); at-- > 0;) {
    first_sorted_[first_two(bytes(sorted_[at]))] = static_cast<std::uint32_t>(at);
  }
  for (std::size_t pair = 256 * 256; pair-- > 0;) {
    first_sorted_[pair] = std::min(first_sorted_[pair], first_sorted_[pair + 1]);
  }

  by_bytes_.resize(std::bit_ceil(2 * size()));
  by_join_.resize(by_bytes_.size());
  for (Token token = kSingles; token < size(); ++token) {
    insert(by_bytes_, hash(bytes(token)), token);
    insert(by_join_, hash(joins_[token].left, joins_[token].right), token);
  }
}

Token Vocabulary::find(std::string_view bytes) const {
  if (bytes.size() == 1) return single_[static_cast<unsigned char>(bytes[0])];
  if (bytes.empty() || bytes.size() > longest_length_) return kNoToken;
  return look_up(by_bytes_, hash(bytes), [&](Token token) { return this->bytes(token) == bytes; });
}

Token Vocabulary::joined(Token left, Token right) const {
  return look_up(by_join_, hash(left, right),
                 [&](Token token) { return joins_[token] == Join{left, right}; });
}

Token Vocabulary::longest(std::string_view text) const {
  const Token single = single_[static_cast<unsigned char>(text[0])];
  if (text.size() < 2) return single;
  const auto pair = first_two(text);
  const auto low = sorted_.begin() + first_sorted_[pair];
  const auto high = sorted_.begin() + first_sorted_[pair + 1];
  const auto behind =
      std::ranges::upper_bound(low, high, text, {}, [this](Token token) { return bytes(token); });
  if (behind == low) return single;
  // What the text begins with comes before the text, and the last token that does begins with it.
  Token token = *(behind - 1);
  const auto candidate = bytes(token);
  const auto differing = std::ranges::mismatch(candidate, text).in1;
  const auto common = static_cast<std::size_t>(differing - candidate.begin());
  while (length(token) > common) token = shorter_[token];
  return token;
}

// Takes the joins of both tokens back, the last one first, and asks each time whether the encoding,
// having come so far, would rather have joined what then stood at the border.
bool Vocabulary::may_adjoin(Token left, Token right) const {
  Token limit = kNoToken;  // Joins of a lower rank come before the join taken back last.
  while (true) {
    const Token across = joined(left, right);
    if (across != kNoToken && across < limit) return false;
    if (left < kSingles && right < kSingles) return true;
    // Joins are made in the order of their ranks, those of one rank from left to right.
    if (left > right) {
      limit = left;
      left = joins_[left].right;
    } else {
      limit = right + 1;
      right = joins_[right].left;
    }
  }
}

std::size_t Vocabulary::footprint() const {
  const auto words = starts_.size() + shorter_.size() + single_.size() + sorted_.size() +
                     first_sorted_.size() + by_bytes_.size() + by_join_.size();
  return bytes_.size() + joins_.size() * sizeof(Join) + words * sizeof(std::uint32_t);
}

}  // namespace sluice::ledger
