#include "config/diagnostic.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace sluice::config {
namespace {

std::vector<Diagnostic> in_file_order(std::vector<Diagnostic> found) {
  std::ranges::sort(found, {}, [](const Diagnostic& each) {
    return std::tie(each.file, each.line, each.column, each.message);
  });
  return found;
}

// Of those found later, as many as fit.
void append(std::vector<Diagnostic>& found, std::vector<Diagnostic> later, std::size_t most) {
  const auto room = most - std::min(most, found.size());
  later.resize(std::min(later.size(), room));
  std::ranges::move(later, std::back_inserter(found));
}

}  // namespace

std::string Diagnostic::text() const {
  return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
}

void Findings::error(Position at, std::string message) {
  if (errors_.size() >= max_errors_) return;
  errors_.push_back({file_, at.line, at.column, std::move(message), Diagnostic::Severity::Error});
}

void Findings::warning(Position at, std::string message) {
  if (warnings_.size() >= max_errors_) return;
  warnings_.push_back(
      {file_, at.line, at.column, std::move(message), Diagnostic::Severity::Warning});
}

void Findings::add(Findings other) {
  append(errors_, std::move(other.errors_), max_errors_);
  append(warnings_, std::move(other.warnings_), max_errors_);
}

std::vector<Diagnostic> Findings::take_errors() {
  return in_file_order(std::move(errors_));
}

std::vector<Diagnostic> Findings::take_warnings() {
  return in_file_order(std::move(warnings_));
}

}  // namespace sluice::config
