// A request in our own words: what the policies read, and the body as it came.
#pragma once

#include "sluice/conversation.h"
#include "sluice/error.h"
#include "sluice/operation.h"
#include "sluice/task.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sluice {

// [begin, end) in the body's text.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool empty() const { return begin == end; }
};

// A JSON body that was read whole and parsed once. The spans say where an edit in place would go.
struct JsonBody {
  std::string_view text;
  Span model;                    // The value of "model", quotes included.
  Span stream_options;           // The value of "stream_options".
  Span include_usage;            // The value of its "include_usage".
  std::uint32_t members_at = 0;  // Just behind the opening brace.
  bool has_members = false;
};

// A body that is passed on piece by piece.
class BodySource {
 public:
  virtual ~BodySource() = default;
  virtual std::optional<std::uint64_t> size() const = 0;  // Unknown: it will be sent in chunks.
  virtual Task<Result<std::string_view>> next() = 0;      // Empty: that was all.
};

// A multipart form, passed on as it came but for the model's name.
class FormBody : public BodySource {
 public:
  // Before the first next(). Does nothing where the form names no model.
  virtual void rename_model(std::string_view name) = 0;
};

struct Field {
  std::string_view name;
  std::string_view value;
};

// A provider's model that may answer.
struct Candidate {
  std::uint16_t provider = 0;  // Its place in the configuration.
  std::uint16_t place = 0;     // Among all targets of the name that was asked for.
  std::string_view model;      // As the provider knows it.
};

struct Request {
  Operation operation = Operation::Chat;
  std::string_view model;  // The name asked for; empty when the request names none.
  std::string_view user;
  bool stream = false;
  bool usage_asked = false;   // The caller wants the usage event of a stream for itself.
  bool stream_array = false;  // Gemini's stream as one JSON array.
  std::optional<std::int64_t> max_tokens;

  JsonBody json;               // When the operation's body is JSON.
  BodySource* body = nullptr;  // Otherwise; null when there is none.
  FormBody* form = nullptr;    // The same body, when it is a multipart form.
  std::string_view content_type;

  std::string_view method = "POST";
  std::string_view path;           // The operation's own path, or a raw one, with its query.
  std::string_view query;          // Of any path, without the caller's key: "?beta=true".
  std::string_view provider;       // Set when the path or a header names the provider.
  std::span<const Field> headers;  // Of the caller's, those that go to providers.

  // Set by resolve: all who may answer, as they stand in the configuration.
  std::span<const Candidate> candidates;
  // The place in `models:` of the name that leads to them; none for PROVIDER/MODEL.
  std::optional<std::uint16_t> entry;

  // The dialect of the body, where it is not the operation's own; the answer's always is.
  std::optional<Dialect> written_in;
  // The same body in our own words: read once, before encode() of a provider that speaks another
  // dialect, and gone with the body.
  const Conversation* conversation = nullptr;

  Dialect dialect() const { return written_in.value_or(traits().dialect); }

  const OperationTraits& traits() const { return sluice::traits(operation); }
};

}  // namespace sluice
