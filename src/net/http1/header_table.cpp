#include "net/http1/header_table.h"

#include "base/text.h"
#include "net/http1/grammar.h"

namespace sluice::net::http1 {

std::size_t HeaderTable::count(HeaderId id) const {
  if (!has(id)) return 0;
  if (!repeated(id)) return 1;
  std::size_t count = 0;
  for (std::size_t i = 0; i < size_; ++i) count += entries_[i].id == id ? 1 : 0;
  return count;
}

std::optional<std::string_view> HeaderTable::find(std::string_view name) const {
  if (const auto id = header_id(name); id != HeaderId::Other) return find(id);
  for (const auto field : *this) {
    if (field.id == HeaderId::Other && text::iequals(field.name, name)) return field.value;
  }
  return std::nullopt;
}

bool HeaderTable::lists(HeaderId id, std::string_view token) const {
  if (!has(id)) return false;
  for (const auto field : *this) {
    if (field.id != id) continue;
    for (auto rest = field.value; !rest.empty();) {
      if (text::iequals(next_element(rest), token)) return true;
    }
  }
  return false;
}

void HeaderTable::clear(const char* base) {
  for (std::size_t i = 0; i < size_; ++i) first_[index(entries_[i].id)] = 0;
  repeated_.reset();
  size_ = 0;
  base_ = base;
}

bool HeaderTable::add(std::string_view name, std::string_view value, HeaderId id) {
  if (size_ == kCapacity) return false;
  entries_[size_++] = {.name_at = static_cast<std::uint32_t>(name.data() - base_),
                       .value_at = static_cast<std::uint32_t>(value.data() - base_),
                       .value_size = static_cast<std::uint32_t>(value.size()),
                       .name_size = static_cast<std::uint16_t>(name.size()),
                       .id = id};
  if (id == HeaderId::Other) return true;
  if (first_[index(id)] == 0) {
    first_[index(id)] = static_cast<std::uint8_t>(size_);
  } else {
    repeated_.set(index(id));
  }
  return true;
}

}  // namespace sluice::net::http1
