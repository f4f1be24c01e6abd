// Command lines of the benchmark's programs: --name value, each name with its default.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace sluice::bench {

class Options {
 public:
  Options(int count, char** words, std::map<std::string, std::string> defaults)
      : values_(std::move(defaults)) {
    for (int at = 1; at + 1 < count; at += 2) {
      auto known = values_.find(words[at]);
      if (known == values_.end()) refuse(words[at]);
      known->second = words[at + 1];
    }
    if (count % 2 == 0) refuse(words[count - 1]);
  }

  const std::string& text(const std::string& name) const { return values_.at(name); }
  long number(const std::string& name) const { return std::atol(text(name).c_str()); }
  double real(const std::string& name) const { return std::atof(text(name).c_str()); }
  std::string file(const std::string& name) const {
    if (text(name).empty()) return {};
    std::ifstream input(text(name), std::ios::binary);
    if (!input) refuse(text(name).c_str());
    return {std::istreambuf_iterator<char>(input), {}};
  }

 private:
  [[noreturn]] void refuse(const char* word) const {
    std::fprintf(stderr, "cannot use \"%s\"; options (with defaults):\n", word);
    for (const auto& [name, value] : values_) {
      std::fprintf(stderr, "  %s %s\n", name.c_str(), value.c_str());
    }
    std::exit(2);
  }

  std::map<std::string, std::string> values_;
};

}  // namespace sluice::bench
