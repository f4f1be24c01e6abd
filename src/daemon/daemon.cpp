#include "daemon/daemon.h"

#include "base/log.h"
#include "config/describe.h"
#include "daemon/probes.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <latch>
#include <random>

namespace sluice::daemon {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(20);
constexpr auto kLastWords =
    std::chrono::seconds(2);  // For error events, once everything is interrupted.

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1}) sigaddset(&set, signal);
  return set;
}

// Two descriptors a stream are soon more than the usual 1,024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::uint64_t seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

void tell(const std::vector<config::Diagnostic>& diagnostics) {
  for (const config::Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity == config::Diagnostic::Severity::Error) {
      log::error("config", diagnostic.text());
    } else {
      log::warn("config", diagnostic.text());
    }
  }
}

Result<> configure_log(const config::LogSettings& settings) {
  log::Options options;
  switch (settings.level) {
    case config::LogLevel::Trace:
    case config::LogLevel::Debug:
      options.level = log::Level::Debug;
      break;
    case config::LogLevel::Info:
      options.level = log::Level::Info;
      break;
    case config::LogLevel::Warn:
      options.level = log::Level::Warn;
      break;
    case config::LogLevel::Error:
      options.level = log::Level::Error;
      break;
  }
  options.format =
      settings.format == config::LogFormat::Json ? log::Format::Json : log::Format::Text;
  switch (settings.to.kind) {
    case config::LogTarget::Kind::Stderr:
      options.to = "stderr";
      break;
    case config::LogTarget::Kind::Stdout:
      options.to = "stdout";
      break;
    case config::LogTarget::Kind::File:
      options.to = "file:" + settings.to.path;
      break;
  }
  return log::configure(options);
}

std::vector<std::string> secrets_of(const config::Config& config) {
  std::vector<std::string> secrets;
  auto add = [&secrets](const config::Secret& secret) {
    if (!secret.empty()) secrets.emplace_back(secret.reveal());
  };
  for (const auto& provider : config.providers) {
    for (const auto& key : provider.keys.list) add(key.secret);
    for (const auto& header : provider.headers) add(header.value);
    for (const auto* secret : {&provider.access_key, &provider.secret_key, &provider.session_token,
                               &provider.access_token}) {
      if (*secret) add(**secret);
    }
    if (provider.entra) add(provider.entra->client_secret);
  }
  for (const auto& token : config.admin.tokens) add(token.secret);
  // Callers' keys are met only as digests; ten thousand of them would make every line dear to
  // scrub.
  return secrets;
}

Result<std::shared_ptr<const net::TlsServerContext>> tls_of(const config::Config& config) {
  const auto& tls = config.server.tls;
  if (!tls) return std::shared_ptr<const net::TlsServerContext>();
  return net::TlsServerContext::load({.certificate = tls->certificate,
                                      .private_key = tls->private_key,
                                      .client_ca = tls->client_ca,
                                      .min_version = tls->min_version == config::TlsVersion::Tls13
                                                         ? net::TlsVersion::Tls13
                                                         : net::TlsVersion::Tls12});
}

config::Diagnostic diagnostic_of(const std::string& path, const ApiError& error) {
  return {.file = path, .line = 1, .column = 1, .message = error.message + " " + error.detail};
}

}  // namespace

Daemon::Crew::Crew(Daemon& daemon, std::uint64_t with_seed)
    : chance(with_seed + 1),
      worker(daemon.shared_, daemon.registry_, *daemon.access_, daemon.common_, with_seed),
      pools(worker.loop(), daemon.resolver_) {}

Daemon::Daemon(std::string path)
    : path_(std::move(path)),
      learned_file_(common_.learning, environment_, path_),
      counters_(registry_.add_thread()) {}

Daemon::~Daemon() {
  if (signals_ >= 0) ::close(signals_);
}

int Daemon::run() {
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  const sigset_t handled = handled_signals();
  ::pthread_sigmask(SIG_BLOCK, &handled, nullptr);
  signals_ = ::signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);

  if (!start()) {
    stop();
    return 1;
  }
  notifier_.ready();
  wait_for_signals();
  drain();
  stop();
  return 0;
}

bool Daemon::start() {
  auto loaded = config::load(path_, environment_);
  if (!loaded) {
    tell(loaded.error());
    return false;
  }
  const auto& config = (*loaded)->config();
  if (auto logging = configure_log(config.telemetry.log); !logging) {
    log::error("log", logging.error()->message);
    return false;
  }
  log::set_secrets(secrets_of(config));
  tell((*loaded)->warnings());

  auto providers = share_providers(**loaded, {});
  auto tls = tls_of(config);
  for (const Failure* failure :
       {providers ? nullptr : &providers.error(), tls ? nullptr : &tls.error()}) {
    if (!failure) continue;
    log::error("tls", (*failure)->message, {{"detail", (*failure)->detail}});
    return false;
  }
  snapshot_ = *loaded;
  provider_set_ = *std::move(providers);
  for (const std::string_view result : {"ok", "unchanged", "error"}) count_reload(result, 0);
  access_ = std::make_unique<telemetry::AccessLog>(log::sink(), registry_);

  const std::uint32_t cores = std::max(1u, std::thread::hardware_concurrency());
  const std::uint32_t workers = config.server.workers == 0 ? cores : config.server.workers;
  for (std::uint32_t i = 0; i < workers; ++i)
    crews_.push_back(std::make_unique<Crew>(*this, seed()));
  learned_file_.begin(config);
  for (auto& crew : crews_) begin(*crew, *tls);
  if (!listen()) return false;
  for (auto& crew : crews_) crew->thread = std::thread([&crew] { crew->worker.run(); });
  serving_ = true;
  watch_ = std::make_unique<config::FileWatch>(snapshot_->files());
  watched_ = snapshot_;
  return true;
}

bool Daemon::listen() {
  auto open = [](const config::ListenAddress& wanted, std::size_t workers,
                 std::string_view purpose) -> Result<std::vector<net::ListeningSocket>> {
    TRY(const auto address, net::parse_listen_address(wanted.text()));
    TRY(auto sockets, net::open_listening_sockets(address, workers));
    log::info("server", "listening",
              {{"address", sockets.front().address().text()}, {"for", purpose}});
    return sockets;
  };
  for (const config::ListenAddress& wanted : snapshot_->config().server.listen) {
    auto sockets = open(wanted, crews_.size(), "clients");
    if (!sockets) {
      log::error("server", sockets.error()->message, {{"detail", sockets.error()->detail}});
      return false;
    }
    for (std::size_t i = 0; i < crews_.size(); ++i)
      crews_[i]->worker.listen(std::move((*sockets)[i]));
  }
  auto admin = open(snapshot_->config().admin.listen, 1, "admin");
  if (!admin) {
    log::error("admin", admin.error()->message, {{"detail", admin.error()->detail}});
    return false;
  }
  admin_ = std::make_unique<admin::AdminServer>(*this, std::move(admin->front()));
  admin_->start();
  return true;
}

template <class Call>
void Daemon::on_each(Call call) {
  std::latch done(static_cast<std::ptrdiff_t>(crews_.size()));
  for (auto& crew : crews_) {
    crew->worker.loop().post([&call, &crew, &done] {
      call(*crew);
      done.count_down();
    });
  }
  done.wait();
}

// What the worker serves from now on. Called on its thread, or before that has begun.
void Daemon::begin(Crew& crew, const std::shared_ptr<const net::TlsServerContext>& tls) {
  auto destinations = crew.pools.destinations(*snapshot_, provider_set_, common_.fleet);
  if (&crew != crews_.front().get()) {
    return crew.worker.begin(snapshot_, std::move(destinations), tls);
  }
  crew.worker.begin(snapshot_, destinations, tls);
  probes_.request_stop();
  probes_ = std::stop_source();
  for (routing::ProbeOrder& order : probe_orders(snapshot_, provider_set_, destinations, crew.pools,
                                                 common_.fleet, probes_.get_token())) {
    crew.worker.loop().spawn(
        routing::probe_provider(crew.worker.loop(), crew.chance, std::move(order)));
  }
}

void Daemon::count_reload(std::string_view result, std::int64_t times) {
  const auto name = registry_.names().id(metrics::NameKind::Result, result);
  counters_.cell(metrics::Family::ConfigReloads, name).add(times);
}

admin::ReloadResult Daemon::reload() {
  std::lock_guard lock(mutex_);
  admin::ReloadResult result;
  auto refuse = [&](std::vector<config::Diagnostic> diagnostics) {
    result.diagnostics = std::move(diagnostics);
    tell(result.diagnostics);
    log::error("config", "reload refused: what was in force stays in force", {{"file", path_}});
    count_reload("error", 1);
    return result;
  };
  notifier_.reloading();
  auto loaded = config::load(path_, environment_);
  if (!loaded) {
    notifier_.ready();
    return refuse(loaded.error());
  }
  result.diagnostics = (*loaded)->warnings();
  if ((*loaded)->fingerprint() == snapshot_->fingerprint()) {
    count_reload("unchanged", 1);
    notifier_.ready();
    return result;
  }
  auto providers = share_providers(**loaded, provider_set_);
  auto tls = tls_of((*loaded)->config());
  auto logging = configure_log((*loaded)->config().telemetry.log);
  for (const Failure* failure :
       {providers ? nullptr : &providers.error(), tls ? nullptr : &tls.error(),
        logging ? nullptr : &logging.error()}) {
    if (!failure) continue;
    notifier_.ready();
    return refuse({diagnostic_of(path_, **failure)});
  }
  warn_of_fixed_settings(**loaded);
  tell(result.diagnostics);
  log::set_secrets(secrets_of((*loaded)->config()));
  snapshot_ = *loaded;
  provider_set_ = *std::move(providers);
  learned_file_.begin(snapshot_->config());
  on_each([&](Crew& crew) { begin(crew, *tls); });
  result.changed = true;
  count_reload("ok", 1);
  log::info("config", "reloaded", {{"file", path_}});
  notifier_.ready();
  return result;
}

void Daemon::warn_of_fixed_settings(const config::Snapshot& next) const {
  const config::Config& now = snapshot_->config();
  const config::Config& then = next.config();
  if (now.server.listen != then.server.listen || now.admin.listen != then.admin.listen) {
    log::warn("config", "listen addresses change only with a restart");
  }
  if (now.server.workers != then.server.workers) {
    log::warn("config", "server.workers changes only with a restart");
  }
}

// True: the process shall end. Meanwhile reloads what is to be reloaded.
bool Daemon::end_requested(int timeout_ms) {
  std::array<pollfd, 2> wanted{
      pollfd{.fd = signals_, .events = POLLIN, .revents = 0},
      pollfd{.fd = watch_ ? watch_->fd() : -1, .events = POLLIN, .revents = 0}};
  ::poll(wanted.data(), wanted.size(), timeout_ms);
  signalfd_siginfo info{};
  while (::read(signals_, &info, sizeof(info)) == sizeof(info)) {
    if (info.ssi_signo == SIGUSR1) {
      (void)log::sink().reopen();
    } else if (info.ssi_signo == SIGHUP) {
      reload();
    } else {
      return true;
    }
  }
  if (!serving_ || shared_.draining) return false;
  if (watch_->changed()) reload();
  // Whoever reloaded: from now on the files that the new configuration names.
  if (const auto current = config(); current != watched_) {
    watch_->replace(current->files());
    watched_ = current;
  }
  return false;
}

void Daemon::wait_for_signals() {
  // Now and then also without a signal: a reload by the admin API changes what is to be watched.
  const int watchdog = notifier_.watchdog_ms();
  while (!end_requested(watchdog > 0 ? watchdog : 1000)) {
    notifier_.alive();
    learned_file_.tend(clock_.now());
  }
}

void Daemon::drain() {
  const config::ServerTimeouts timeouts = config()->config().server.timeouts;
  log::info("server", "draining", {{"connections", shared_.connections.load()}});
  notifier_.stopping();
  shared_.draining = true;
  using Clock = std::chrono::steady_clock;
  const auto accepting_until = Clock::now() + timeouts.drain_delay;
  bool at_once = false;
  while (!at_once && Clock::now() < accepting_until)
    at_once = end_requested(static_cast<int>(kPoll.count()));

  on_each([](Crew& crew) { crew.worker.drain(); });
  const auto running_until = Clock::now() + timeouts.drain;
  while (!at_once && shared_.connections > 0 && Clock::now() < running_until) {
    at_once = end_requested(static_cast<int>(kPoll.count()));
  }
  if (shared_.connections == 0) return;
  log::warn("server", "ending what is still running",
            {{"connections", shared_.connections.load()}});
  on_each([](Crew& crew) { crew.worker.interrupt(); });
  const auto last_words = Clock::now() + kLastWords;
  while (shared_.connections > 0 && Clock::now() < last_words)
    end_requested(static_cast<int>(kPoll.count()));
}

void Daemon::stop() {
  serving_ = false;
  if (admin_) admin_->stop();  // Before the workers: a call of it may be waiting for them.
  for (auto& crew : crews_) crew->worker.loop().stop();
  for (auto& crew : crews_) {
    if (crew->thread.joinable()) crew->thread.join();
  }
  crews_.clear();
  learned_file_.save();
  if (access_) access_->stop(telemetry::AccessLog::kPatience);
  log::info("server", "stopped");
}

}  // namespace sluice::daemon
