// What a failure was: for the account, and for whoever decides whether another may be asked.
#pragma once

#include "sluice/account.h"
#include "sluice/error.h"

#include "config/model_settings.h"

namespace sluice::routing {

// The provider's answer is none that its API promises.
ApiError bad_answer(std::string_view message);
// Which of the times was over: total, first_token, between_tokens, request.
ApiError timed_out(std::string_view which);

// How the account tells a try that ended by this error.
Outcome outcome_of(const ApiError& error);

// Another target may do better with the same request, and the group's `retry.on` says to ask it.
bool may_try_again(const ApiError& error, const config::RetryOn& on);

}  // namespace sluice::routing
