// The few members of a small JSON object that credentials are read from: files, tokens' answers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::providers {

class JsonFields {
 public:
  // Of anything but a JSON object every field is absent. The text must outlive this.
  explicit JsonFields(std::string_view text);
  ~JsonFields();
  JsonFields(const JsonFields&) = delete;
  JsonFields& operator=(const JsonFields&) = delete;

  bool is_object() const;
  // Nothing: it is absent, or no string. "a.b" is the member b of the object a.
  std::optional<std::string> text(std::string_view path) const;
  std::optional<std::int64_t> number(std::string_view path) const;
  // Of an array.
  std::optional<std::int64_t> first_number(std::string_view path) const;
  // The names and values of an object whose values are strings.
  std::vector<std::pair<std::string, std::string>> texts(std::string_view path) const;
  bool has(std::string_view path) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::providers
