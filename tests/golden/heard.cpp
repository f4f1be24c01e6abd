#include "golden/heard.h"

#include "dialect/conversation_dialect.h"
#include "dialect/openai_responses_parts.h"
#include "dialect/seals.h"
#include "routing/framer.h"

#include <functional>
#include <vector>

namespace sluice::golden {
namespace {

constexpr std::size_t kMaxFrame = std::size_t{16} << 20;

std::string_view name_of(FinishReason reason) {
  switch (reason) {
    case FinishReason::Stop:
      return "stop";
    case FinishReason::StopSequence:
      return "stop_sequence";
    case FinishReason::Length:
      return "length";
    case FinishReason::ContextLength:
      return "context_length";
    case FinishReason::ToolCalls:
      return "tool_calls";
    case FinishReason::ContentFilter:
      return "content_filter";
    case FinishReason::Refusal:
      return "refusal";
    case FinishReason::Pause:
      return "pause";
    case FinishReason::Other:
      return "other";
  }
  return {};
}

class Listener {
 public:
  void hear(std::span<const Event> events) {
    for (const Event& event : events) {
      std::visit([this](const auto& said) { take(said); }, event);
    }
  }
  Heard& heard() { return heard_; }

 private:
  static void append(Json& to, std::string_view text) { to.get_ref<std::string&>() += text; }
  static void add(Json& to, std::uint32_t choice, std::string_view text) {
    if (text.empty()) return;
    append(to.emplace(std::to_string(choice), "").first.value(), text);
  }
  void take(const TextDelta& said) { add(heard_.text, said.choice, said.text); }
  void take(const ReasoningDelta& said) { add(heard_.reasoning, said.choice, said.text); }
  void take(const RefusalDelta& said) { add(heard_.refusal, said.choice, said.text); }
  void take(const ReasoningSealed& said) {
    const Json seal = sealed(said.seal);
    // A sign of a call's, which a caller's dialect keeps in an item before it.
    if (seal[1].get<std::string>().starts_with(dialect::responses::kCallSeal)) return;
    heard_.seals.push_back(seal);
  }
  void take(const ToolCallDelta& said) {
    const std::string key = std::to_string(said.choice) + "/" + std::to_string(said.index);
    if (!calls_.contains(key)) {
      calls_[key] = heard_.tool_calls.size();
      heard_.tool_calls.push_back({{"name", ""}, {"arguments", ""}});
      heard_.call_ids.push_back("");
      heard_.signatures.push_back(nullptr);
    }
    const std::size_t at = calls_[key];
    Json& call = heard_.tool_calls[at];
    if (!said.name.empty()) call["name"] = std::string(said.name);
    if (!said.id.empty()) heard_.call_ids[at] = std::string(said.id);
    if (said.signature.given()) heard_.signatures[at] = sealed(said.signature);
    append(call["arguments"], said.arguments);
  }
  void take(const Usage& usage) {
    heard_.usage = {{"input", usage.input},
                    {"output", usage.output},
                    {"cached", usage.cached},
                    {"cache_write", usage.cache_write},
                    {"reasoning", usage.reasoning}};
  }
  void take(const ReplyStopped& said) {
    heard_.finish[std::to_string(said.choice)] = name_of(said.reason);
    if (!said.stop_sequence.empty())
      heard_.stop_sequences[std::to_string(said.choice)] = std::string(said.stop_sequence);
  }
  template <class Other>
  void take(const Other&) {}

  Heard heard_;
  Json calls_ = Json::object();
};

using Take = std::function<void(std::span<const Event>)>;

// Feeds the answer in pieces that end at these offsets; says why it failed, if it did.
std::string decode(Dialect dialect, Framing framing, std::string_view answer,
                   const std::vector<std::size_t>& ends, bool& ended, const Take& take) {
  Arena arena;
  json::Reader reader;
  auto decoder = dialect::conversation_dialect(dialect)->decoder(arena, reader);
  Meaning meaning;
  if (framing == Framing::None) {
    const auto done = decoder->body(answer, &meaning);
    take(meaning.events);
    ended = decoder->ended();
    return done ? std::string() : done.error()->message + " " + done.error()->detail;
  }
  routing::Framer framer(framing, kMaxFrame);
  std::string pending;
  std::size_t begin = 0;
  routing::Frame frame;
  auto take_frame = [&]() -> std::string {
    if (!frame.has_data) return {};
    meaning.clear();
    const auto said = decoder->frame(frame.event, meaning.texts.keep(frame.data), &meaning);
    take(meaning.events);
    return said ? std::string() : said.error()->message + " " + said.error()->detail;
  };
  for (const std::size_t end : ends) {
    pending += answer.substr(begin, end - begin);
    begin = end;
    std::string_view rest = pending;
    routing::Framer::Step step{};
    while ((step = framer.next(rest, frame)) == routing::Framer::Step::Frame) {
      if (auto trouble = take_frame(); !trouble.empty()) return trouble;
    }
    if (step != routing::Framer::Step::NeedMore) return "not framed as it should be";
    pending.erase(0, pending.size() - rest.size());
  }
  if (framer.finish(pending, frame)) {
    if (auto trouble = take_frame(); !trouble.empty()) return trouble;
  }
  ended = decoder->finished();
  return {};
}

void parse_arguments(Heard& heard) {
  for (Json& call : heard.tool_calls) {
    const std::string text = call["arguments"].get<std::string>();
    Json parsed = Json::parse(text.empty() ? "{}" : text, nullptr, false);
    if (!parsed.is_discarded()) call["arguments"] = std::move(parsed);
  }
}

Heard listen(Dialect dialect, Framing framing, std::string_view answer,
             const std::vector<std::size_t>& ends, const Take& besides = {}) {
  Listener listener;
  bool ended = false;
  std::string trouble =
      decode(dialect, framing, answer, ends, ended, [&](std::span<const Event> events) {
        listener.hear(events);
        if (besides) besides(events);
      });
  Heard heard = std::move(listener.heard());
  heard.ended = ended;
  heard.error = !trouble.empty();
  heard.trouble = std::move(trouble);
  parse_arguments(heard);
  return heard;
}

std::vector<std::size_t> every(std::size_t step, std::size_t size) {
  std::vector<std::size_t> ends;
  for (std::size_t end = step; end < size; end += step) ends.push_back(end);
  ends.push_back(size);
  return ends;
}

}  // namespace

Json sealed(const Sealed& seal) {
  // Who answered may have passed on what another made.
  const Sealed made = dialect::read_seal(seal.text, seal.by);
  return {std::string(golden::name_of(made.by)), std::string(made.text)};
}

Json Heard::says() const {
  return {{"text", text},       {"reasoning", reasoning},
          {"refusal", refusal}, {"tool_calls", tool_calls},
          {"finish", finish},   {"usage", usage},
          {"error", error}};
}

Heard hear(Dialect dialect, Framing framing, std::string_view answer, std::size_t step) {
  return listen(dialect, framing, answer, every(step, answer.size()));
}

Heard hear_cut(Dialect dialect, Framing framing, std::string_view answer, std::size_t cut) {
  return listen(dialect, framing, answer, {cut, answer.size()});
}

namespace {

dialect::Shape shape_of(bool stream) {
  dialect::Shape shape;
  shape.stream = stream;
  shape.usage_asked = true;
  shape.id = "0123456789abcdef";
  shape.model = "model";
  shape.now = 1'700'000'000;
  return shape;
}

}  // namespace

Told tell(const Case& one, Dialect caller, bool stream) {
  Arena arena;
  auto encoder = dialect::conversation_dialect(caller)->encoder(arena, shape_of(stream));
  Told told;
  told.heard = listen(one.dialect, one.framing, one.answer, {one.answer.size()},
                      [&](std::span<const Event> events) { encoder->say(events, told.body); });
  encoder->end(told.body);
  told.content_type = encoder->content_type();
  return told;
}

Told tell(std::span<const Event> events, Dialect caller, bool stream) {
  Arena arena;
  auto encoder = dialect::conversation_dialect(caller)->encoder(arena, shape_of(stream));
  Told told;
  Listener listener;
  for (const Event& event : events) {
    listener.hear({&event, 1});
    encoder->say({&event, 1}, told.body);
  }
  encoder->end(told.body);
  told.heard = std::move(listener.heard());
  parse_arguments(told.heard);
  told.heard.ended = true;
  told.content_type = encoder->content_type();
  return told;
}

}  // namespace sluice::golden
