#include "providers/credentials/json_fields.h"

#include "base/json.h"

namespace sluice::providers {

struct JsonFields::Impl {
  json::Reader reader;
  mutable Arena arena;
  std::optional<json::Value> root;

  std::optional<json::Value> find(std::string_view path) const {
    std::optional<json::Value> at = root;
    while (at && !path.empty()) {
      const std::string_view name = path.substr(0, path.find('.'));
      path.remove_prefix(std::min(name.size() + 1, path.size()));
      at = at->find(name);
    }
    return at;
  }
};

JsonFields::JsonFields(std::string_view text) : impl_(std::make_unique<Impl>()) {
  auto root = impl_->reader.parse(text, {.strict_up_to = SIZE_MAX});
  if (root && root->kind() == json::Kind::Object) impl_->root = *root;
}

JsonFields::~JsonFields() = default;

bool JsonFields::is_object() const {
  return impl_->root.has_value();
}

bool JsonFields::has(std::string_view path) const {
  return impl_->find(path).has_value();
}

std::optional<std::string> JsonFields::text(std::string_view path) const {
  const auto value = impl_->find(path);
  if (!value) return std::nullopt;
  const auto contents = value->string(impl_->arena);
  if (!contents) return std::nullopt;
  return std::string(*contents);
}

std::optional<std::int64_t> JsonFields::number(std::string_view path) const {
  const auto value = impl_->find(path);
  return value ? value->integer() : std::nullopt;
}

std::optional<std::int64_t> JsonFields::first_number(std::string_view path) const {
  const auto value = impl_->find(path);
  if (!value) return std::nullopt;
  for (const json::Value element : value->elements()) return element.integer();
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> JsonFields::texts(std::string_view path) const {
  std::vector<std::pair<std::string, std::string>> all;
  const auto value = impl_->find(path);
  if (!value) return all;
  for (const auto [key, contents] : value->members()) {
    const auto name = key.string(impl_->arena);
    const auto words = contents.string(impl_->arena);
    if (name && words) all.emplace_back(*name, *words);
  }
  return all;
}

}  // namespace sluice::providers
