#include "config/expansion.h"

#include "config/paths.h"

#include <algorithm>
#include <utility>

namespace sluice::config {
namespace {

using Wrong = std::unexpected<std::string>;

constexpr std::size_t kMaxExpandedBytes = 1024 * 1024;
constexpr std::string_view kNameCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

bool is_name(std::string_view name) {
  return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
         name.find_first_not_of(kNameCharacters) == std::string_view::npos;
}

}  // namespace

std::expected<std::string, std::string> Expander::file_text(std::string_view path) {
  if (path.empty() || path.contains('\0')) return Wrong("expected a path in ${file:PATH}");
  const auto full_path = absolute_path(path, folder_);
  if (std::ranges::find(files_, full_path) == files_.end()) files_.push_back(full_path);
  auto content = environment_.file(full_path);
  if (!content) return Wrong("${file:" + std::string(path) + "}: " + content.error()->message);
  // Editors and `echo` end a file with a line end that is not meant.
  if (content->ends_with('\n')) content->pop_back();
  if (content->ends_with('\r')) content->pop_back();
  return *std::move(content);
}

std::expected<std::string, std::string> Expander::value_of(std::string_view reference) {
  if (reference.starts_with("file:")) return file_text(reference.substr(5));
  const auto end = std::min(reference.find_first_not_of(kNameCharacters), reference.size());
  const std::string name(reference.substr(0, end));
  const auto rest = reference.substr(end);
  const bool has_default = rest.starts_with(":-");
  const bool has_message = rest.starts_with(":?");
  if (!is_name(name) || !(rest.empty() || has_default || has_message)) {
    return Wrong("expected ${NAME}, ${NAME:-default}, ${NAME:?message} or ${file:PATH}");
  }

  auto value = environment_.variable(name);
  if (value && !(value->empty() && (has_default || has_message))) return *std::move(value);
  if (has_default) return std::string(rest.substr(2));
  if (has_message && rest.size() > 2) return Wrong(name + ": " + std::string(rest.substr(2)));
  return Wrong("the environment variable " + name + " is not set");
}

std::expected<Expanded, std::string> Expander::expand(std::string_view text) {
  Expanded out;
  while (!text.empty()) {
    const auto dollar = std::min(text.find('$'), text.size());
    out.text += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.starts_with("$${")) {
      out.text += "${";
      text.remove_prefix(3);
    } else if (text.starts_with("${")) {
      const auto close = text.find('}');
      if (close == std::string_view::npos) return Wrong("${ lacks its }");
      const auto reference = text.substr(2, close - 2);
      if (has_expansion(reference)) return Wrong("${…} inside ${…} is not read");
      auto value = value_of(reference);
      if (!value && missing_ == Missing::Refuse) return Wrong(std::move(value.error()));
      const auto begin = out.text.size();
      if (value) out.text += *value;
      out.unresolved |= !value;
      out.pieces.push_back({begin, out.text.size()});
      text.remove_prefix(close + 1);
    } else if (!text.empty()) {
      out.text += '$';
      text.remove_prefix(1);
    }
    if (out.text.size() > kMaxExpandedBytes) return Wrong("written out, the value is over 1MiB");
  }
  return out;
}

}  // namespace sluice::config
