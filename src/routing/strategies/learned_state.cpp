#include "routing/strategies/learned_state.h"

#include "base/json.h"
#include "base/json_writer.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

// {"sluice_learned": 1, "groups": {GROUP: {CLASS: {TARGET: {AVERAGE: [weight, mean, variance]}}}}}

namespace sluice::routing {
namespace {

constexpr std::string_view kMark = "sluice_learned";
constexpr std::int64_t kVersion = 1;
constexpr double kBoundless = 1e30;

struct Column {
  std::string_view name;
  Average TargetExperience::* average;
  double most;  // No mean is above.
};

constexpr Column kColumns[] = {
    {"failures", &TargetExperience::failures, 1},
    {"pico", &TargetExperience::pico, kBoundless},
    {"seconds", &TargetExperience::seconds, kBoundless},
    {"cost", &TargetExperience::cost, 1},
    {"latency", &TargetExperience::latency, 1},
    {"quality", &TargetExperience::quality, 1},
};

void write_target(json::Writer& writer, const TargetExperience& target) {
  writer.key(target.target).begin_object();
  for (const Column& column : kColumns) {
    const Average& average = target.*column.average;
    if (average.weight <= 0) continue;
    writer.key(column.name).begin_array();
    writer.value(average.weight).value(average.mean).value(average.variance).end_array();
  }
  writer.end_object();
}

bool within(double number, double most) {
  return number >= 0 && number <= most;
}

std::optional<Average> read_average(const json::Value& value, double most) {
  std::optional<double> numbers[3];
  std::size_t count = 0;
  for (const json::Value& element : value.elements()) {
    if (count == std::size(numbers)) return std::nullopt;
    numbers[count++] = element.number();
  }
  for (const auto& number : numbers) {
    if (!number) return std::nullopt;
  }
  const Average average{.weight = *numbers[0], .mean = *numbers[1], .variance = *numbers[2]};
  // A variance is at most the square of half of what the numbers may be apart.
  const bool possible = within(average.weight, kBoundless) && within(average.mean, most) &&
                        within(average.variance, most * most);
  return possible ? std::optional(average) : std::nullopt;
}

bool read_target(const json::Value& value, TargetExperience& target) {
  for (const Column& column : kColumns) {
    const auto member = value.find(column.name);
    if (!member) continue;
    const auto average = read_average(*member, column.most);
    if (!average) return false;
    target.*column.average = *average;
  }
  return value.kind() == json::Kind::Object;
}

std::optional<std::string> name_of(const json::Value& key) {
  Arena arena;
  const auto text = key.string(arena);
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

// Whether `read` could take each member of an object; it is given a name and a value.
template <class Read>
bool each_member(const json::Value& object, const Read& read) {
  if (object.kind() != json::Kind::Object) return false;
  for (const auto [key, value] : object.members()) {
    const auto name = name_of(key);
    if (!name || !read(*name, value)) return false;
  }
  return true;
}

bool read_class(const json::Value& value, LearnedClass& its) {
  return each_member(value, [&](std::string target, const json::Value& seen) {
    return read_target(seen,
                       its.targets.emplace_back(TargetExperience{.target = std::move(target)}));
  });
}

bool read_group(const json::Value& value, LearnedGroup& group) {
  return each_member(value, [&](std::string name, const json::Value& targets) {
    return read_class(targets, group.classes.emplace_back(LearnedClass{.name = std::move(name)}));
  });
}

}  // namespace

std::string write_learned(const std::vector<LearnedGroup>& groups) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object().member(kMark, kVersion).key("groups").begin_object();
  for (const LearnedGroup& group : groups) {
    writer.key(group.name).begin_object();
    for (const LearnedClass& its : group.classes) {
      writer.key(its.name).begin_object();
      for (const TargetExperience& target : its.targets) write_target(writer, target);
      writer.end_object();
    }
    writer.end_object();
  }
  writer.end_object().end_object();
  text += '\n';
  return text;
}

std::expected<std::vector<LearnedGroup>, std::string> read_learned(std::string_view text) {
  json::Reader reader;
  const auto root = reader.parse(text, {.strict_up_to = std::numeric_limits<std::size_t>::max()});
  if (!root) return std::unexpected("is no JSON");
  const auto version = root->find(kMark);
  if (!version) return std::unexpected("is not what was learned, but some other JSON");
  if (version->integer() != kVersion) return std::unexpected("is of another version");
  const auto groups = root->find("groups");
  std::vector<LearnedGroup> learned;
  const bool whole =
      groups && each_member(*groups, [&](std::string name, const json::Value& classes) {
        return read_group(classes, learned.emplace_back(LearnedGroup{.name = std::move(name)}));
      });
  if (!whole) return std::unexpected("holds what was never learned");
  return learned;
}

}  // namespace sluice::routing
