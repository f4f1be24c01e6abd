// What is wrong with a configuration, and where.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

// Both count from one; the column counts bytes.
struct Position {
  int line = 1;
  int column = 1;

  bool operator==(const Position&) const = default;
  auto operator<=>(const Position&) const = default;
};

struct Diagnostic {
  enum class Severity { Error, Warning };

  std::string file;
  int line = 0;
  int column = 0;
  std::string message;
  Severity severity = Severity::Error;

  // FILE:LINE:COL: message
  std::string text() const;

  bool operator==(const Diagnostic&) const = default;
};

// Collects what is found while one file is read, up to a limit.
class Findings {
 public:
  Findings(std::string file, std::size_t max_errors)
      : file_(std::move(file)), max_errors_(max_errors) {}

  void error(Position at, std::string message);
  void warning(Position at, std::string message);

  // What was found in another file.
  void add(Findings other);

  bool failed() const { return !errors_.empty(); }
  // Each in the order of the file.
  std::vector<Diagnostic> take_errors();
  std::vector<Diagnostic> take_warnings();

 private:
  std::string file_;
  std::size_t max_errors_;
  std::vector<Diagnostic> errors_;
  std::vector<Diagnostic> warnings_;
};

}  // namespace sluice::config
