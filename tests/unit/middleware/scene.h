// A request under a configuration, and whoever would answer it.
#pragma once

#include "sluice/middleware.h"

#include "config/snapshot.h"
#include "support/fake_clock.h"
#include "support/run_now.h"
#include "unit/config/loading.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace sluice::middleware {

// Remembers what came through to it.
class FakeCaller final : public ModelCaller {
 public:
  Task<Result<Reply>> call(Context&, Request& request) override {
    ++calls;
    candidates.assign(request.candidates.begin(), request.candidates.end());
    co_return Reply{};
  }

  int calls = 0;
  std::vector<Candidate> candidates;
};

class Scene : public testing::Test {
 protected:
  void configure(std::string_view yaml) { context_.config = config::snapshot_of(yaml); }

  FakeClock clock_;
  Arena arena_;
  Arena draft_;
  Context context_{arena_, draft_, clock_};
  Request request_;
  FakeCaller caller_;
};

}  // namespace sluice::middleware
