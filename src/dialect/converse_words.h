// Words of Bedrock's Converse that its reader, writer, decoder and encoder share.
#pragma once

#include "sluice/arena.h"
#include "sluice/conversation.h"
#include "sluice/error.h"
#include "sluice/reply.h"
#include "sluice/usage.h"

#include "base/json.h"
#include "base/json_writer.h"

#include <string>
#include <string_view>

namespace sluice::dialect {

std::unexpected<Failure> converse_wrong(std::string_view path, std::string_view expected);

// "jpeg" is "image/jpeg", and back. Empty: there is no such format.
std::string_view converse_media_type(MediaKind kind, std::string_view format, Arena& arena);
std::string_view converse_format(const Media& media, std::string_view media_type);

FinishReason converse_finish_reason(std::string_view native);
std::string_view converse_finish_name(FinishReason reason, std::string_view native);

// Thoughts that are sealed as a whole are bytes to Amazon's libraries: a foreign seal is carried as
// the base64 of its mark and text.
void append_sealed_bytes(std::string& out, const Sealed& seal);
Sealed read_sealed_bytes(std::string_view base64, Arena& arena);

Usage read_converse_usage(const json::Value& usage);
void write_converse_usage(const Usage& usage, json::Writer& to);

Citation read_converse_citation(const json::Value& value, Arena& arena);
void write_converse_citation(const Citation& citation, json::Writer& to);

}  // namespace sluice::dialect
