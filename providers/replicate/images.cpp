#include "providers/replicate/images.h"

#include "base/json_writer.h"
#include "base/text.h"
#include "dialect/losses.h"
#include "dialect/openai_fields.h"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace sluice::providers {
namespace {

using dialect::chat::wrong_field;
using json::Kind;
using json::Value;

struct Size {
  std::uint64_t width;
  std::uint64_t height;
};

// "1024x1536"
std::optional<Size> read_size(std::string_view size) {
  const std::size_t cross = size.find('x');
  if (cross == std::string_view::npos) return std::nullopt;
  const auto width = text::parse_uint(size.substr(0, cross));
  const auto height = text::parse_uint(size.substr(cross + 1));
  if (!width || !height || *width == 0 || *height == 0) return std::nullopt;
  return Size{*width, *height};
}

// Older models take a size, all others the shape alone.
bool takes_size(std::string_view model) {
  return model.find("sdxl") != std::string_view::npos ||
         model.find("stable-diffusion") != std::string_view::npos;
}

Result<void> write_size(const Value& value, std::string_view model, dialect::Losses& losses,
                        Arena& arena, json::Writer& out) {
  TRY(const std::string_view told, dialect::chat::read_text(value, "size", arena));
  if (told == "auto") return {};
  const auto size = read_size(told);
  if (!size) return wrong_field("size", "a width and a height, as in \"1024x1024\"");
  if (takes_size(model)) {
    out.member("width", size->width).member("height", size->height);
    return {};
  }
  losses.approximate("size");
  const std::uint64_t common = std::gcd(size->width, size->height);
  // The widest shape that OpenAI makes is a little off the one that everyone knows.
  const std::string_view shape = told == "1792x1024" ? "16:9"
                                 : told == "1024x1792"
                                     ? "9:16"
                                     : arena.join(arena.number(size->width / common), ":",
                                                  arena.number(size->height / common));
  out.member("aspect_ratio", shape);
  return {};
}

Result<void> write_member(std::string_view name, const Value& value, std::string_view model,
                          dialect::Losses& losses, Arena& arena, json::Writer& out) {
  if (name == "model" || name == "stream") return {};
  if (name == "size") return write_size(value, model, losses, arena, out);
  if (name == "n") {
    TRY(const std::int64_t images, dialect::chat::read_count(value, "n"));
    if (images > 1) out.member("num_outputs", images);
    return {};
  }
  if (name == "response_format") {
    if (value == "url") return {};
    return losses.meaning(name, "it tells where its images are found");
  }
  for (const std::string_view hint :
       {"user", "quality", "style", "moderation", "background", "partial_images"}) {
    if (name == hint) return losses.hint(hint);
  }
  // Its own inputs stand beside the prompt.
  out.key(name).raw(value.raw());
  return {};
}

}  // namespace

Result<std::string_view> replicate_image_body(Context& context, const Request& request,
                                              const Target& target, json::Reader& reader) {
  Arena& arena = context.draft;
  TRY(const Value root, reader.parse(request.json.text, {.strict_up_to = SIZE_MAX}));
  const dialect::ReplicateModel model = dialect::replicate_model(target.model);
  dialect::Losses losses(context.drop, arena);
  json::Writer out(arena);
  out.begin_object();
  if (!model.version.empty()) out.member("version", model.version);
  out.key("input").begin_object();
  for (const auto member : root.members()) {
    if (dialect::chat::is_null(member.value)) continue;
    const std::string_view name = dialect::chat::name_of(member, arena);
    TRY_VOID(write_member(name, member.value, target.model, losses, arena, out));
  }
  dialect::list_dropped(context, losses);
  return out.end_object().end_object().text();
}

std::string_view replicate_images(const dialect::Prediction& prediction, Context& context) {
  json::Writer out(context.arena);
  const auto now = std::chrono::system_clock::to_time_t(context.clock.wall());
  out.begin_object().member("created", static_cast<std::int64_t>(now)).key("data").begin_array();
  const auto add = [&](const Value& url) {
    if (url.kind() == Kind::String) out.begin_object().key("url").raw(url.raw()).end_object();
  };
  const auto& output = prediction.output;
  if (output && output->kind() == Kind::Array) {
    for (const Value url : output->elements()) add(url);
  } else if (output) {
    add(*output);
  }
  return out.end_array().end_object().text();
}

}  // namespace sluice::providers
