// `shadow:` of a group: copies of a share of its requests go to another target. Callers notice
// nothing of them: a copy goes out when the caller's own answer is under way, has time and memory
// of its own, and is dropped rather than waited for.
#pragma once

#include "sluice/context.h"
#include "sluice/reply.h"

#include "ledger/prices.h"
#include "telemetry/metrics/recent_names.h"
#include "telemetry/metrics/thread_metrics.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace sluice::routing {

class Group;
struct RouterGround;

// All of one worker, whatever its configuration.
class Shadows {
 public:
  static constexpr std::size_t kMostAtOnce = 64;
  static constexpr std::size_t kMostBytes = std::size_t{64} << 20;  // Of requests, together.

  // One of those that are under way, until it is given back.
  class Place {
   public:
    Place(Place&& other) noexcept : of_(std::exchange(other.of_, nullptr)), bytes_(other.bytes_) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (of_) of_->leave(bytes_);
    }

   private:
    friend class Shadows;
    Place(Shadows& of, std::size_t bytes) : of_(&of), bytes_(bytes) {}
    Shadows* of_;
    std::size_t bytes_;
  };

  // Both outlive it.
  Shadows(metrics::Names& names, metrics::ThreadMetrics& counters)
      : counters_(counters), names_(names) {}
  Shadows(const Shadows&) = delete;
  Shadows& operator=(const Shadows&) = delete;

  // Nothing: there are too many, or none are begun any more.
  std::optional<Place> enter(std::size_t bytes);
  // From now on none is begun.
  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }
  std::size_t under_way() const { return under_way_; }

  void count(std::string_view provider, std::string_view result);
  void charge(std::string_view provider, ledger::Cost cost);

 private:
  void leave(std::size_t bytes);

  metrics::ThreadMetrics& counters_;
  metrics::RecentNames names_;
  std::size_t under_way_ = 0;
  std::size_t bytes_ = 0;
  bool stopped_ = false;
};

// Who gets a copy of this request. Null: nobody, or not this time.
const Candidate* shadow_of(const RouterGround& ground, const Group& group, const Request& request);

// The same answer; when it is under way, the copy goes out. All of them outlive the answer.
Task<Result<Reply>> with_shadow(Task<Result<Reply>> answer, RouterGround& ground, Group& group,
                                const Candidate& shadow, Context& context, const Request& request);

}  // namespace sluice::routing
