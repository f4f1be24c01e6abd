#include "dialect/caller_request.h"

#include "dialect/anthropic_request.h"
#include "dialect/converse_request.h"
#include "dialect/gemini_request.h"
#include "dialect/openai_request.h"

namespace sluice::dialect {

Result<void> read_caller_request(std::string_view body, const json::Limits& limits,
                                 json::Reader& reader, Arena& arena, Request& request) {
  switch (request.traits().dialect) {
    case Dialect::Messages:
      return read_messages_request(body, limits, reader, arena, request);
    case Dialect::Converse:
      return read_converse_request(body, limits, reader, arena, request);
    case Dialect::Gemini:
      return read_gemini_request(body, limits, reader, arena, request);
    default:
      return read_openai_request(body, limits, reader, arena, request);
  }
}

}  // namespace sluice::dialect
