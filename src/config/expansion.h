// ${NAME}, ${NAME:-default}, ${NAME:?message} and ${file:PATH} in a scalar; $${ is a literal ${.
#pragma once

#include "config/environment.h"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

struct Expanded {
  struct Piece {  // What one ${…} became, in the expanded text.
    std::size_t begin;
    std::size_t end;
  };

  std::string text;
  std::vector<Piece> pieces;
  bool unresolved = false;  // Something was not there, and the policy lets that pass.
};

enum class Missing { Refuse, Placeholder };

inline bool has_expansion(std::string_view text) {
  return text.contains("${");
}

class Expander {
 public:
  Expander(const Environment& environment, std::string folder, Missing missing)
      : environment_(environment), folder_(std::move(folder)), missing_(missing) {}

  // An error never holds what a variable or a file held.
  std::expected<Expanded, std::string> expand(std::string_view text);

  const std::string& folder() const { return folder_; }
  // The files that were read so far.
  const std::vector<std::string>& files() const { return files_; }

 private:
  std::expected<std::string, std::string> value_of(std::string_view reference);
  std::expected<std::string, std::string> file_text(std::string_view path);

  const Environment& environment_;
  std::string folder_;
  Missing missing_;
  std::vector<std::string> files_;
};

}  // namespace sluice::config
