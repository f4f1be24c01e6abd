// Gemini's answers, read and written.
#pragma once

#include "dialect/conversation_dialect.h"

namespace sluice::dialect {

ArenaPtr<Decoder> make_gemini_decoder(Arena& arena, json::Reader& reader);
ArenaPtr<Encoder> make_gemini_encoder(Arena& arena, const Shape& shape);

}  // namespace sluice::dialect
