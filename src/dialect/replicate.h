// Replicate's predictions: a prompt goes in, a text comes out, and whoever asked comes back for it.
#pragma once

#include "dialect/conversation_dialect.h"

#include <string_view>

namespace sluice::dialect {

// "owner/name:version" names a version beside its model; a version may also stand alone.
struct ReplicateModel {
  std::string_view name;     // Empty: a version alone.
  std::string_view version;  // Empty: the newest, of an official model.
};
ReplicateModel replicate_model(std::string_view model);

enum class PredictionState : bool { Running, Succeeded };

struct Prediction {
  PredictionState state = PredictionState::Running;
  std::string_view id = {};
  std::optional<json::Value> output = {};
  std::optional<json::Value> metrics = {};
};
// Of the object that says how it goes. Fails when it failed: with the words told there.
Result<Prediction> read_prediction(const json::Value& root, Arena& arena);

const ConversationDialect& replicate_dialect();

}  // namespace sluice::dialect
