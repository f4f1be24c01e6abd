// The fields of one head, as views into its bytes.
#pragma once

#include "net/http1/header_id.h"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::net::http1 {

struct HeaderField {
  std::string_view name;
  std::string_view value;  // Without the white space around it.
  HeaderId id = HeaderId::Other;
};

// Up to a hundred fields in their order, and the first of each known name at hand. The fields live
// as long as the bytes of the head stay where they are.
class HeaderTable {
 public:
  static constexpr std::size_t kCapacity = 100;

  HeaderTable() = default;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  HeaderField operator[](std::size_t at) const { return field(entries_[at]); }

  bool has(HeaderId id) const { return first_[index(id)] != 0; }
  // More than one field has this name.
  bool repeated(HeaderId id) const { return repeated_[index(id)]; }
  std::size_t count(HeaderId id) const;

  // The value of the first field of that name.
  std::optional<std::string_view> find(HeaderId id) const {
    const auto first = first_[index(id)];
    if (first == 0) return std::nullopt;
    return field(entries_[first - 1]).value;
  }
  std::optional<std::string_view> find(std::string_view name) const;  // Any case.
  // The same, empty where there is no such field.
  std::string_view value(HeaderId id) const { return find(id).value_or(std::string_view{}); }

  // Whether the comma-separated lists in all fields of that name hold the token, in any
  // case: lists(HeaderId::Connection, name) says that a field is nominated as hop-by-hop.
  bool lists(HeaderId id, std::string_view token) const;

  class Iterator {
   public:
    Iterator(const HeaderTable& table, std::size_t at) : table_(&table), at_(at) {}
    HeaderField operator*() const { return (*table_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    const HeaderTable* table_;
    std::size_t at_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size_}; }

  // For parsers. All views of one table point behind one base, less than 4 GiB away, and a name is
  // shorter than 64 KiB; false when the table is full.
  void clear(const char* base = nullptr);
  bool add(std::string_view name, std::string_view value, HeaderId id);

 private:
  struct Entry {  // Sixteen bytes: a table of views would cost every connection 4 KiB.
    std::uint32_t name_at;
    std::uint32_t value_at;
    std::uint32_t value_size;
    std::uint16_t name_size;
    HeaderId id;
  };

  static std::size_t index(HeaderId id) { return static_cast<std::size_t>(id); }
  HeaderField field(const Entry& entry) const {
    return {{base_ + entry.name_at, entry.name_size},
            {base_ + entry.value_at, entry.value_size},
            entry.id};
  }

  const char* base_ = nullptr;
  std::size_t size_ = 0;
  std::bitset<kHeaderIds> repeated_;
  std::array<std::uint8_t, kHeaderIds> first_{};  // Its place plus one; 0: none. Other has none.
  std::array<Entry, kCapacity> entries_;
};

}  // namespace sluice::net::http1
