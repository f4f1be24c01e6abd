// What was learned, as text that a later process reads.
#pragma once

#include "routing/strategies/experience.h"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::routing {

struct LearnedClass {
  std::string name;
  std::vector<TargetExperience> targets = {};
};

struct LearnedGroup {
  std::string name;
  std::vector<LearnedClass> classes = {};
};

std::string write_learned(const std::vector<LearnedGroup>& groups);

// All or nothing; the error says what is wrong with the text.
std::expected<std::vector<LearnedGroup>, std::string> read_learned(std::string_view text);

}  // namespace sluice::routing
