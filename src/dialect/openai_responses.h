// OpenAI's Responses: POST /v1/responses. An answer is a list of items (messages, calls, thoughts),
// and so is what is asked.
#pragma once

#include "sluice/error.h"

#include "dialect/conversation_dialect.h"

#include <string>
#include <string_view>

namespace sluice::dialect {

const ConversationDialect& responses_dialect();

// A failure as the last events of a stream that has begun: `error`, at which the SDKs raise, and
// `response.failed`, whose code tells Codex whether to try again.
std::string responses_error_event(const ApiError& error, std::string_view request_id);

}  // namespace sluice::dialect
