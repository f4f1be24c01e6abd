#include "config/model_names.h"

namespace sluice::config {
namespace {

class Collector {
 public:
  using Use = WrittenName::Use;

  void add(WrittenName name) {
    if (!name.text.empty()) names_.push_back(name);
  }

  void add_targets(const std::vector<TargetSettings>& targets, const Node& list) {
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const Node* node = list.entries[i].value;
      const Node* model = node->find("model");
      add({.use = Use::Target,
           .text = targets[i].model,
           .node = model ? model : node,
           .key = "targets",
           .index = i,
           .inner = model ? "model" : ""});
    }
  }

  void add_list(std::string_view key, const std::vector<std::string>& texts, const Node& entry) {
    const Node* list = entry.find(key);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      add({.use = Use::OnRefusal,
           .text = texts[i],
           .node = list->entries[i].value,
           .key = key,
           .index = i});
    }
  }

  std::vector<WrittenName> take() { return std::move(names_); }

 private:
  std::vector<WrittenName> names_;
};

}  // namespace

std::vector<WrittenName> written_names(const ModelEntry& entry, const Node& node) {
  Collector collector;
  if (entry.group) {
    const GroupSettings& group = *entry.group;
    collector.add_targets(group.targets, *node.find("targets"));
    collector.add_list("on_context_length", group.on_context_length, node);
    collector.add_list("on_content_policy", group.on_content_policy, node);
    if (group.shadow) {
      collector.add({.use = WrittenName::Use::Shadow,
                     .text = group.shadow->target,
                     .node = node.find("shadow")->find("target"),
                     .key = "shadow",
                     .inner = "target"});
    }
  } else if (!entry.replaced_by.empty()) {
    collector.add({.use = WrittenName::Use::ReplacedBy,
                   .text = entry.replaced_by,
                   .node = node.find("replaced_by"),
                   .key = "replaced_by"});
  } else {
    collector.add({.text = entry.target, .node = &node});
  }
  return collector.take();
}

void tell(Reader& reader, const ModelEntry& entry, const WrittenName& name,
          std::string_view message) {
  const Reader::Step models(reader, "models");
  const Reader::Step step(reader, entry.name);
  std::optional<Reader::Step> key;
  std::optional<Reader::Step> index;
  std::optional<Reader::Step> inner;
  if (!name.key.empty()) key.emplace(reader, name.key);
  if (name.index) index.emplace(reader, *name.index);
  if (!name.inner.empty()) inner.emplace(reader, name.inner);
  reader.error(*name.node, message);
}

}  // namespace sluice::config
