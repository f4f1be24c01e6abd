#include "telemetry/metrics/names.h"

#include "base/text.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace sluice::metrics {
namespace {

static_assert(std::accumulate(kNameLimits.begin(), kNameLimits.end(), kOther + 1) <=
              (1 << kIdBits));

bool fit_for_a_label(std::string_view text) {
  const bool control =
      std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return text.size() <= kLongestName && !control && text::is_utf8(text);
}

}  // namespace

Names::Names() {
  names_[kNone].store(new Name{}, std::memory_order_relaxed);
  names_[kOther].store(new Name{.kind = {}, .text = "other"}, std::memory_order_relaxed);
}

Names::~Names() {
  for (auto& name : names_) delete name.load(std::memory_order_relaxed);
}

std::string_view Names::text(Id id) const {
  return names_[id].load(std::memory_order_acquire)->text;
}

// The id, or kNone and the slot where the name belongs.
Id Names::find(NameKind kind, std::string_view text, std::size_t& slot) const {
  const auto hash = std::hash<std::string_view>{}(text) + static_cast<std::size_t>(kind);
  for (slot = hash % kSlots;; slot = (slot + 1) % kSlots) {
    const Id id = slots_[slot].load(std::memory_order_acquire);
    if (id == kNone) return kNone;
    const Name* name = names_[id].load(std::memory_order_relaxed);
    if (name->kind == kind && name->text == text) return id;
  }
}

Id Names::id(NameKind kind, std::string_view text) {
  if (text.empty()) return kNone;
  std::size_t slot = 0;
  if (const Id known = find(kind, text, slot)) return known;
  if (text == "other" || !fit_for_a_label(text)) return kOther;

  const std::lock_guard lock(entering_);
  if (const Id known = find(kind, text, slot)) return known;
  auto& entered = entered_[static_cast<std::size_t>(kind)];
  if (entered == kNameLimits[static_cast<std::size_t>(kind)]) return kOther;
  ++entered;
  const Id id = next_++;
  names_[id].store(new Name{kind, std::string(text)}, std::memory_order_release);
  slots_[slot].store(id, std::memory_order_release);
  return id;
}

}  // namespace sluice::metrics
