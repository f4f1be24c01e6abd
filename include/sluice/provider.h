// A provider is a translator: no socket, no clock, no log, no state. Bytes in, values out.
#pragma once

#include "sluice/catalogue.h"
#include "sluice/context.h"
#include "sluice/reply.h"
#include "sluice/request.h"

#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sluice {

// One model of one provider, as routing chose it.
struct Target {
  std::string_view provider;           // Its name in the configuration.
  std::string_view model;              // As the provider knows it.
  std::string_view base_path;          // Of its URL, without a slash at the end.
  std::span<const Field> headers;      // Fixed ones from the configuration.
  bool ask_for_usage = true;           // Of streams that tell it only when asked.
  const ProviderKind* kind = nullptr;  // Null: nothing is known of the provider.
  const ModelFacts* facts = nullptr;   // Null: nor of the model.
};

// Header fields, in the arena they were begun in.
class FieldList {
 public:
  FieldList() = default;
  FieldList(Arena& arena, std::size_t capacity)
      : room_(arena.array<Field>(capacity)), arena_(&arena) {}

  void add(std::string_view name, std::string_view value) {
    if (size_ == room_.size()) grow();
    room_[size_++] = {name, value};
  }
  std::span<const Field> all() const { return room_.first(size_); }

 private:
  void grow() {
    std::span<Field> larger = arena_->array<Field>(2 * room_.size() + 4);
    for (std::size_t i = 0; i < size_; ++i) larger[i] = room_[i];
    room_ = larger;
  }

  std::span<Field> room_;
  std::size_t size_ = 0;
  Arena* arena_ = nullptr;
};

struct UpstreamRequest {
  std::string_view method = "POST";
  std::string_view path;  // With its query; escaped.
  FieldList fields;
  std::span<const std::string_view> pieces;  // The body, to be sent one after the other.
  std::uint64_t size = 0;                    // Of all pieces.
  BodySource* body = nullptr;                // Instead of pieces: passed on as it comes.
  Instant answer_by = kNever;                // When the head of the answer must be there,
  std::string_view waiting_for = "total";    // and by which of the time-outs.
};

// What a frame is, told cheaply.
struct Signals {
  std::uint32_t text_bytes = 0;  // Of what was generated, for estimates.
  bool content =
      false;         // Text, reasoning, a tool call, a refusal, audio: the caller has something.
  bool end = false;  // The stream's proper last frame.
  bool withhold = false;  // Asked for by us, not by the caller.
};

// What the frames of one batch say.
struct Meaning {
  std::vector<Event> events;
  Arena texts;  // Of the events, where the frame's own bytes would not do.

  void clear() {
    events.clear();
    texts.reset();
  }
};

// One per reply; remembers what is half-read.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // One server-sent event: `data` of an event called `name`. Fails when the event is an error, or
  // none that this dialect knows how to end. With `meaning`, also appends what it says.
  virtual Result<Signals> frame(std::string_view name, std::string_view data, Meaning* meaning) = 0;
  // The whole body of a reply that is no stream.
  virtual Result<void> body(std::string_view text, Meaning* meaning) = 0;
  virtual bool ended() const = 0;     // The proper end was seen.
  virtual bool finished() const = 0;  // Every word was said; only the end may lack.
  virtual const std::optional<Usage>& usage() const = 0;  // The last one told.
};

// An answer that takes several calls: batches that are joined, a result that is polled for.
class Plan {
 public:
  struct Step {
    std::optional<UpstreamRequest> call;  // To be made `after` so long.
    Duration after{};
    std::string_view body = {};  // Without a call: the whole answer, as of one.
  };

  virtual ~Plan() = default;
  // What is next, now that the last call (if there was one) was answered so, with a 2xx.
  virtual Result<Step> next(Context& context, std::string_view answered) = 0;
};

class Provider {
 public:
  virtual ~Provider() = default;
  // In which this request is put to the target, and answered. When it is the caller's, bodies pass
  // as they came.
  virtual Dialect dialect(const Request& request, const Target& target) const = 0;
  virtual Result<UpstreamRequest> encode(Context& context, const Request& request,
                                         const Target& target) const = 0;
  // Null: one call, encode()'s, is enough.
  virtual ArenaPtr<Plan> plan(Context& context, const Request& request, const Target& target) const;
  virtual ArenaPtr<Decoder> decoder(Context& context, const Request& request,
                                    const Target& target) const = 0;
  virtual ApiError explain(int status, std::string_view content_type,
                           std::string_view body) const = 0;
};

inline ArenaPtr<Plan> Provider::plan(Context&, const Request&, const Target&) const {
  return nullptr;
}

// Shared by all providers: an API key, a signature, a token.
class Credential {
 public:
  virtual ~Credential() = default;
  virtual Task<Result<void>> sign(Context& context, UpstreamRequest& request) const = 0;
  // The provider refused what was signed, with this status: what expires may have been revoked.
  virtual void refused(int /*status*/) const {}
};

}  // namespace sluice
