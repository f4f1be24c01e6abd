// The life of the process: start, reload, drain, end.
#pragma once

#include "admin/admin_server.h"
#include "admin/operator.h"
#include "base/blocking_pool.h"
#include "config/load.h"
#include "config/watch.h"
#include "daemon/learned_file.h"
#include "daemon/notify.h"
#include "daemon/process_clock.h"
#include "daemon/providers.h"
#include "net/listener.h"
#include "server/worker.h"
#include "telemetry/access_log.h"

#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace sluice::daemon {

class Daemon final : public admin::Operator {
 public:
  explicit Daemon(std::string path);
  ~Daemon() override;

  // Until a signal ends it; the exit code.
  int run();

  bool ready() const override { return serving_ && !shared_.draining; }
  std::string metrics() override;
  std::shared_ptr<const config::Snapshot> config() const override;
  std::vector<admin::ProviderStatus> providers() const override;
  Result<std::string> explain(const admin::Question& question) override;
  routing::Feedback feedback(std::string_view request_id, double score) override;
  admin::ReloadResult reload() override;

 private:
  // A worker, its thread and its connection pools.
  struct Crew {
    Crew(Daemon& daemon, std::uint64_t seed);
    base::FastRandom chance;  // Of what runs beside the requests.
    server::Worker worker;
    Pools pools;
    std::thread thread;
  };

  bool start();
  bool listen();
  void begin(Crew& crew, const std::shared_ptr<const net::TlsServerContext>& tls);
  void wait_for_signals();
  void drain();
  void stop();
  bool end_requested(int timeout_ms);
  void count_reload(std::string_view result, std::int64_t times);
  void warn_of_fixed_settings(const config::Snapshot& next) const;
  template <class Call>
  void on_each(Call call);

  std::string path_;
  config::ProcessEnvironment environment_;
  Notifier notifier_;
  int signals_ = -1;

  mutable std::mutex mutex_;  // Of what a reload changes.
  std::shared_ptr<const config::Snapshot> snapshot_;
  ProviderSet provider_set_;

  // Before the workers: their loops end first.
  server::SharedState shared_;
  ProcessClock clock_;
  routing::CommonKnowledge common_{clock_};
  LearnedFile learned_file_;
  metrics::MetricsRegistry registry_;
  metrics::ThreadMetrics& counters_;
  std::unique_ptr<telemetry::AccessLog> access_;
  BlockingPool blocking_;
  net::Resolver resolver_{blocking_};
  std::unique_ptr<config::FileWatch> watch_;
  std::shared_ptr<const config::Snapshot> watched_;  // Whose files those are.
  std::stop_source probes_;                          // Of the configuration in force.
  std::vector<std::unique_ptr<Crew>> crews_;
  std::unique_ptr<admin::AdminServer> admin_;
  std::atomic<bool> serving_ = false;
};

}  // namespace sluice::daemon
