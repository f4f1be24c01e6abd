#include "providers/credentials/json_fields.h"

#include "base/json.h"
#include "base/text.h"

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

std::optional<std::chrono::system_clock::time_point> parse_timestamp(std::string_view text) {
  using namespace std::chrono;
  const auto number = [&](std::size_t at, std::size_t size) {
    return text::parse_uint(text.substr(at, size));
  };
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':' || text.back() != 'Z') {
    return std::nullopt;
  }
  const auto fraction = text.substr(19, text.size() - 20);
  if (!fraction.empty() && (fraction[0] != '.' || !text::parse_uint(fraction.substr(1)))) {
    return std::nullopt;
  }
  const auto years = number(0, 4);
  const auto months = number(5, 2);
  const auto days_of = number(8, 2);
  const auto hours_of = number(11, 2);
  const auto minutes_of = number(14, 2);
  const auto seconds_of = number(17, 2);
  if (!years || !months || !days_of || !hours_of || !minutes_of || !seconds_of) return std::nullopt;
  const year_month_day date(year(static_cast<int>(*years)), month(static_cast<unsigned>(*months)),
                            day(static_cast<unsigned>(*days_of)));
  if (!date.ok() || *hours_of > 23 || *minutes_of > 59 || *seconds_of > 60) return std::nullopt;
  return sys_days(date) + hours(*hours_of) + minutes(*minutes_of) + seconds(*seconds_of);
}

}  // namespace sluice::providers
