// The words in which answers of chat completions are written, in streams and whole.
#pragma once

#include "sluice/reply.h"

#include "base/json_writer.h"
#include "dialect/conversation_dialect.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::dialect::chat {

// What a reason of ours is called, after what the choice said.
struct Said {
  bool calls = false;
  bool refusal = false;
  bool functions = false;  // The caller still speaks of functions.
};
std::string_view finish_word(FinishReason reason, const Said& said);

// The "usage" object.
void write_usage(json::Writer& writer, const Usage& usage);
// One of "annotations"; nothing of sources without a URL, which clients do not know. Where it
// stands is told by the citation, or else it is the text between these two.
bool write_annotation(json::Writer& writer, const Citation& citation, std::int64_t begin,
                      std::int64_t end);
// One of "images".
void write_image(json::Writer& writer, const Media& media);
// The members of "audio".
void write_audio(json::Writer& writer, const AudioDelta& audio);

// One of "reasoning_details": a text.
void append_thought(std::string& out, std::string_view text, bool summary, std::uint32_t index);
// Likewise: what seals the text before it, or what is all sealed.
enum class SealKind : std::uint8_t { OfText, OfSummary, OfNothing };
void append_seal(std::string& out, const Sealed& seal, std::string_view item_id, SealKind kind,
                 std::uint32_t index);
// The "extra_content" of a call or message that carries this seal.
void append_extra_content(std::string& out, const Sealed& seal);

// An answer's name: the provider's, or one made of the request's.
void append_id(std::string& out, std::string_view told, std::string_view prefix,
               std::string_view request_id);

// JSON as it came, on one line: a frame ends at an empty one.
void append_line(std::string& out, JsonText json);

// The extras of answers that this dialect shares with others.
bool speaks_of(const Extra& extra);

}  // namespace sluice::dialect::chat
