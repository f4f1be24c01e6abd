#include "dialect/conversation_text.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "base/text.h"

#include <algorithm>
#include <array>

namespace sluice::dialect {
namespace {

struct EffortRow {
  std::string_view effort;
  std::int64_t budget;
};
constexpr std::array kEfforts = {EffortRow{"none", 0},     EffortRow{"minimal", 1024},
                                 EffortRow{"low", 4096},   EffortRow{"medium", 8192},
                                 EffortRow{"high", 16384}, EffortRow{"xhigh", 32768},
                                 EffortRow{"max", 63999}};

json::Reader& reader() {
  thread_local json::Reader one;
  return one;
}

}  // namespace

std::string_view joined_text(std::span<const Part> parts, std::string_view joint, Arena& arena) {
  std::string_view only;
  std::size_t count = 0;
  std::size_t size = 0;
  for (const Part& part : parts) {
    if (const auto* text = std::get_if<Text>(&part.what)) {
      only = text->text;
      ++count;
      size += text->text.size() + joint.size();
    }
  }
  if (count <= 1) return only;
  const std::span<char> room = arena.array<char>(size);
  auto at = room.begin();
  for (const Part& part : parts) {
    const auto* text = std::get_if<Text>(&part.what);
    if (!text) continue;
    if (at != room.begin()) at = std::ranges::copy(joint, at).out;
    at = std::ranges::copy(text->text, at).out;
  }
  return {room.data(), static_cast<std::size_t>(at - room.begin())};
}

std::optional<DataUrl> read_data_url(std::string_view url) {
  constexpr std::string_view kScheme = "data:";
  constexpr std::string_view kBase64 = ";base64";
  if (!text::iequals(url.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  const std::size_t comma = url.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  std::string_view head = url.substr(kScheme.size(), comma - kScheme.size());
  if (head.size() < kBase64.size() ||
      !text::iequals(head.substr(head.size() - kBase64.size()), kBase64)) {
    return std::nullopt;
  }
  head.remove_suffix(kBase64.size());
  return DataUrl{head.substr(0, head.find(';')), url.substr(comma + 1)};
}

std::string_view data_url(std::string_view media_type, std::string_view base64, Arena& arena) {
  return arena.join("data:", media_type, ";base64,", base64);
}

Result<void> lose_what_plain_chats_lack(const Conversation& asked, Losses& losses) {
  if (!asked.user.empty()) TRY_VOID(losses.hint("user"));
  if (!asked.safety_identifier.empty()) TRY_VOID(losses.hint("safety_identifier"));
  if (!asked.logit_bias.empty()) TRY_VOID(losses.hint("logit_bias"));
  if (!asked.verbosity.empty()) TRY_VOID(losses.hint("verbosity"));
  if (!asked.service_tier.empty() && asked.service_tier != "auto")
    TRY_VOID(losses.hint("service_tier"));
  if (!asked.prompt_cache_key.empty()) TRY_VOID(losses.hint("prompt_cache_key"));
  if (!asked.metadata.empty()) TRY_VOID(losses.hint("metadata"));
  if (asked.store.value_or(false)) TRY_VOID(losses.hint("store"));
  if (asked.cache.set) TRY_VOID(losses.hint("cache_control"));
  if (asked.choices.value_or(1) > 1) TRY_VOID(losses.meaning("n", "it gives one answer at a time"));
  if (asked.logprobs.value_or(false)) TRY_VOID(losses.meaning("logprobs"));
  if (asked.top_logprobs.value_or(0) > 0) TRY_VOID(losses.meaning("top_logprobs"));
  if (asked.spoken.wanted) TRY_VOID(losses.meaning("modalities", "it does not speak"));
  if (asked.images_wanted) TRY_VOID(losses.meaning("modalities", "it makes no images"));
  return {};
}

std::int64_t budget_of_effort(std::string_view effort) {
  const auto* row = std::ranges::find(kEfforts, effort, &EffortRow::effort);
  return row == kEfforts.end() ? budget_of_effort("medium") : row->budget;
}

std::string_view effort_of_budget(std::int64_t budget) {
  for (const EffortRow& row : kEfforts) {
    if (budget <= row.budget) return row.effort;
  }
  return "max";
}

bool looks_like_object(std::string_view json) {
  const std::string_view trimmed = text::trim(json);
  return trimmed.size() >= 2 && trimmed.front() == '{' && trimmed.back() == '}';
}

JsonText arguments_object(const ToolCall& call, Losses& losses, Arena& arena) {
  if (call.kind == ToolKind::Custom) {
    return arena.join(R"({"input":)", json::quoted(call.arguments, arena), "}");
  }
  if (text::trim(call.arguments).empty()) return "{}";
  if (looks_like_object(call.arguments) && reader().parse(call.arguments)) return call.arguments;
  losses.approximate("tool_calls.arguments");
  return arena.join(R"({"arguments":)", json::quoted(call.arguments, arena), "}");
}

std::optional<std::string_view> custom_input(JsonText arguments, Arena& arena) {
  const auto object = reader().parse(arguments);
  if (!object || object->kind() != json::Kind::Object) return std::nullopt;
  std::size_t members = 0;
  for ([[maybe_unused]] const auto& member : object->members()) ++members;
  const auto input = object->find("input");
  return members == 1 && input ? input->string(arena) : std::nullopt;
}

const Tool* find_tool(std::span<const Tool> tools, std::string_view name) {
  const auto found = std::ranges::find(tools, name, &Tool::name);
  return found == tools.end() ? nullptr : &*found;
}

}  // namespace sluice::dialect
