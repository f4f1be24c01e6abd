#include "config/model_checks.h"

#include "base/text.h"
#include "config/model_names.h"
#include "config/model_table.h"
#include "config/route_compiler.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace sluice::config {
namespace {

using Use = WrittenName::Use;

class ModelChecks {
 public:
  ModelChecks(const Config& config, const Node& node, Reader& reader)
      : config_(config), index_(config), reader_(reader) {
    for (std::size_t i = 0; i < config.models.size(); ++i) {
      nodes_.push_back(node.entries[i].value);
      names_.push_back(written_names(config.models[i], *nodes_.back()));
    }
    for (const ProviderSettings& provider : config.providers)
      provider_names_.push_back(provider.name);
    for (const ModelEntry& entry : config.models) entry_names_.push_back(entry.name);
  }

  // False: there is an error.
  bool check_names() {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      for (WrittenName& name : names_[i]) {
        const std::string wrong = mistake_of(name, config_.models[i]);
        if (wrong.empty()) continue;
        tell(reader_, config_.models[i], name, wrong);
        good_ = false;
      }
    }
    return good_;
  }

  bool check_circles() {
    levels_.resize(names_.size());
    targets_.resize(names_.size());
    marks_.resize(names_.size(), Mark::New);
    for (std::size_t i = 0; i < names_.size(); ++i) descend(i);
    return good_;
  }

  bool check_sizes() {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      // Those above it have more levels still: it alone is told.
      if (levels_[i] == kMostLevels + 1) {
        tell_entry(i, "names others over more than " + std::to_string(kMostLevels) + " levels");
      }
      if (all_targets(i) > kMostTargets) {
        tell_entry(i, "has more than " + std::to_string(kMostTargets) + " targets in all");
      }
      check_group(i);
    }
    return good_;
  }

 private:
  enum class Mark : std::uint8_t { New, Open, Done };

  void tell_entry(std::size_t i, std::string_view message) {
    const Reader::Step models(reader_, "models");
    const Reader::Step step(reader_, config_.models[i].name);
    reader_.error(*nodes_[i], message);
    good_ = false;
  }

  // Finds out what the name means. Empty: nothing is wrong.
  std::string mistake_of(WrittenName& name, const ModelEntry& entry) {
    const bool pattern = is_pattern(name.text);
    if (pattern && !entry.is_wildcard())
      return "* and $0 in a target need a name that ends in a star";
    name.meaning = pattern ? index_.direct(name.text) : index_.written(name.text, entry);
    if (name.meaning.found()) return {};
    if (has_expansion(name.node->text)) {
      // Not repeated: it may be a secret that stands in the wrong place.
      return "what ${…} gives is neither PROVIDER/MODEL nor a name of models";
    }
    const auto slash = name.text.find('/');
    const auto provider = name.text.substr(0, slash);
    if (slash == std::string_view::npos || (pattern && is_pattern(provider))) {
      const std::string wanted =
          pattern ? "PROVIDER/ before * and $0" : "PROVIDER/MODEL or another name of models";
      return "expected " + wanted + ", not " + describe(*name.node) +
             suggested(name.text, entry_names_);
    }
    if (index_.provider(provider))
      return "expected a model behind \"" + std::string(provider) + "/\"";
    auto suggestion = suggested(name.text, entry_names_);
    if (suggestion.empty()) suggestion = suggested(provider, provider_names_);
    return "there is no provider \"" + std::string(provider) + "\"" + suggestion;
  }

  static std::string suggested(std::string_view wanted,
                               const std::vector<std::string_view>& names) {
    const auto near = text::nearest(wanted, names, 1);
    return near.empty() ? "" : "; did you mean \"" + std::string(near.front()) + "\"?";
  }

  // Whether what stands below the name stands below its entry, too. Of a list for refusals only the
  // entry's own name would: the lists of those that it names are not followed.
  static bool leads_on(const WrittenName& name, std::size_t from) {
    if (!name.meaning.entry) return false;
    const bool nests = name.use == Use::Target || name.use == Use::ReplacedBy;
    return nests || *name.meaning.entry == from;
  }

  // Without recursion: a chain may be as long as the file.
  void descend(std::size_t from) {
    struct Step {
      std::size_t entry;
      std::size_t next = 0;
    };
    if (marks_[from] != Mark::New) return;
    std::vector<Step> path{{from}};
    marks_[from] = Mark::Open;
    while (!path.empty()) {
      Step& step = path.back();
      if (step.next == names_[step.entry].size()) {
        finish(step.entry);
        path.pop_back();
        continue;
      }
      const WrittenName& name = names_[step.entry][step.next++];
      if (!leads_on(name, step.entry)) continue;
      const std::size_t to = *name.meaning.entry;
      if (marks_[to] == Mark::Open) {
        std::string circle;
        const auto begin = std::ranges::find(path, to, &Step::entry);
        for (auto at = begin; at != path.end(); ++at)
          circle += config_.models[at->entry].name + " → ";
        tell(reader_, config_.models[step.entry], name,
             "leads back to itself: " + circle + config_.models[to].name);
        good_ = false;
      } else if (marks_[to] == Mark::New) {
        marks_[to] = Mark::Open;
        path.push_back({to});
      }
    }
  }

  std::size_t targets_of(const WrittenName& name) const {
    return name.meaning.entry ? targets_[*name.meaning.entry] : 1;
  }

  // What it names is finished.
  void finish(std::size_t i) {
    marks_[i] = Mark::Done;
    levels_[i] = 1;
    for (const WrittenName& name : names_[i]) {
      if (name.use != Use::Target && name.use != Use::ReplacedBy) continue;
      if (name.meaning.entry) levels_[i] = std::max(levels_[i], levels_[*name.meaning.entry] + 1);
      targets_[i] = std::min(targets_[i] + targets_of(name), kMostTargets + 1);
    }
  }

  std::size_t all_targets(std::size_t i) const {
    std::size_t count = 0;
    for (const WrittenName& name : names_[i]) count += targets_of(name);
    return count;
  }

  void check_group(std::size_t i) {
    const auto& group = config_.models[i].group;
    if (!group) return;
    const auto no_weight = [](const TargetSettings& target) { return target.weight == 0; };
    if (!group->targets.empty() && std::ranges::all_of(group->targets, no_weight)) {
      const Reader::Step models(reader_, "models");
      const Reader::Step step(reader_, config_.models[i].name);
      const Reader::Step targets(reader_, "targets");
      reader_.error(*nodes_[i]->find("targets"), "expected a weight above zero for one of them");
      good_ = false;
    }
    for (const WrittenName& name : names_[i]) {
      if (name.use != Use::Shadow || targets_of(name) == 1) continue;
      tell(reader_, config_.models[i], name, "expected one target, not several");
      good_ = false;
    }
  }

  const Config& config_;
  NameIndex index_;
  Reader& reader_;
  std::vector<const Node*> nodes_;
  std::vector<std::vector<WrittenName>> names_;  // Of each entry.
  std::vector<std::string_view> provider_names_;
  std::vector<std::string_view> entry_names_;
  std::vector<Mark> marks_;
  std::vector<std::size_t> levels_;
  std::vector<std::size_t> targets_;  // Without lists and shadow.
  bool good_ = true;
};

bool has_tags(const ProviderSettings& provider, const std::vector<Tag>& wanted) {
  return std::ranges::all_of(wanted, [&](const Tag& tag) {
    return std::ranges::any_of(provider.tags, [&](const Tag& own) {
      // An empty value was left open: secrets were not looked at.
      const bool open = own.value.empty() || tag.value.empty();
      return own.name == tag.name && (open || own.value == tag.value);
    });
  });
}

// Tells of groups that could never be asked, for want of tags.
class TagChecks {
 public:
  TagChecks(const Config& config, const Node& node, Reader& reader)
      : config_(config), node_(node), reader_(reader), models_(config) {}

  void check() {
    Arena arena;
    for (std::size_t i = 0; i < config_.models.size(); ++i) {
      const ModelEntry& entry = config_.models[i];
      if (!entry.group || entry.group->require.empty()) continue;
      const Route& route = models_.route(static_cast<std::uint16_t>(i));
      candidates_ = models_.candidates(static_cast<std::uint16_t>(i));
      if (candidates_.empty()) continue;  // Left open.
      const Node& node = *node_.entries[i].value;
      const Reader::Step step(reader_, "models");
      const Reader::Step name(reader_, entry.name);
      required_ = {&entry.group->require};
      tell_without("require", has_one(*route.targets), node);
      tell_without("on_context_length",
                   !route.on_context_length || has_one(*route.on_context_length), node);
      tell_without("on_content_policy",
                   !route.on_content_policy || has_one(*route.on_content_policy), node);
      tell_without("shadow", !route.shadow || may_be_asked(*route.shadow), node);
    }
  }

 private:
  void tell_without(std::string_view key, bool has_one, const Node& node) {
    if (has_one) return;
    const Reader::Step step(reader_, key);
    reader_.error(*node.find(key), "no target's provider has the tags that are required");
  }

  bool may_be_asked(std::uint16_t place) const {
    const ProviderSettings& provider = config_.providers[candidates_[place].provider];
    return std::ranges::all_of(required_,
                               [&](const auto* tags) { return has_tags(provider, *tags); });
  }

  // A target that has the tags of every group that it stands in.
  bool has_one(const RouteNode& node) {
    required_.push_back(&node.settings->require);
    const bool found = std::ranges::any_of(node.members, [&](const RouteMember& member) {
      return member.group ? has_one(*member.group) : may_be_asked(member.place);
    });
    required_.pop_back();
    return found;
  }

  const Config& config_;
  const Node& node_;
  Reader& reader_;
  ModelTable models_;
  std::span<const Candidate> candidates_;
  std::vector<const std::vector<Tag>*> required_;
};

}  // namespace

void check_models(const Config& config, const Node& root, Reader& reader) {
  constexpr std::size_t kMost = 65'535;
  if (config.providers.size() > kMost) return reader.error(root, "more than 65535 providers");
  const Node* node = root.find("models");
  if (!node) return;
  if (config.models.size() > kMost) return reader.error(*node, "more than 65535 models");
  ModelChecks checks(config, *node, reader);
  const bool good = checks.check_names() && checks.check_circles() && checks.check_sizes();
  if (good) TagChecks(config, *node, reader).check();
}

}  // namespace sluice::config
