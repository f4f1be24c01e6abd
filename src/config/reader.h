// What a Type needs to read a node: where it stands, ${…}, and whom to tell what is wrong.
#pragma once

#include "config/diagnostic.h"
#include "config/expansion.h"
#include "config/node.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice::config {

// How a scalar may be written without being expanded: one form, or several.
using Written = unsigned;
inline constexpr Written kText = 1;
inline constexpr Written kWhole = 2;
inline constexpr Written kDecimal = 4;
inline constexpr Written kBoolean = 8;

// What YAML 1.2 takes a scalar without quotes for.
Written form_of(std::string_view text);

struct ScalarText {
  std::string_view text;  // Until the next scalar is read.
  std::vector<Expanded::Piece> pieces;
  std::string_view folder;
};

class Reader {
 public:
  // `source` is what the nodes were read from; without it no place inside a scalar is told.
  Reader(Findings& findings, Expander& expander, std::string_view source = {})
      : findings_(findings), expander_(expander), source_(source) {}

  // One step down the path while it lives: a key or an index.
  class Step {
   public:
    Step(Reader& reader, std::string_view key) : reader_(reader) { reader.path_.emplace_back(key); }
    Step(Reader& reader, std::size_t index) : reader_(reader) { reader.path_.emplace_back(index); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { reader_.path_.pop_back(); }

   private:
    Reader& reader_;
  };

  // The scalar of `node` with ${…} filled in. nullopt: it is no scalar of such a form, which was
  // told, or it stays open because secrets are not looked at.
  std::optional<ScalarText> scalar(const Node& node, Written written, std::string_view expected);

  // Where the byte of a scalar's text stands in the file. nullopt: the scalar is not one line of
  // it as it stands.
  std::optional<Position> place_in(const Node& node, std::size_t offset) const;

  // "PATH: message" at the node.
  void error(const Node& node, std::string_view message) { error(node.at, message); }
  void error(Position at, std::string_view message);
  void warning(Position at, std::string_view message);
  void expected(const Node& node, std::string_view what);

  // A text that no other call has given: it stands for a secret that was not looked at.
  std::string placeholder();
  // The last scalar() was left open.
  bool left_open() const { return left_open_; }

 private:
  std::string path() const;

  Findings& findings_;
  Expander& expander_;
  std::string_view source_;
  std::vector<std::variant<std::string_view, std::size_t>> path_;
  std::string buffer_;
  std::size_t placeholders_ = 0;
  bool left_open_ = false;
};

// What the file has instead, in words: "a list", "the number 12".
std::string describe(const Node& node);

}  // namespace sluice::config
