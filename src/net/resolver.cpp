#include "net/resolver.h"

#include <netdb.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <mutex>
#include <unordered_map>

namespace sluice::net {
namespace {

using Addresses = std::vector<SocketAddress>;

constexpr std::size_t kMaxNames = 4096;  // Names come from the configuration; this is a fence.

Addresses with_port(Addresses addresses, std::uint16_t port) {
  for (SocketAddress& address : addresses) address = address.with_port(port);
  return addresses;
}

Failure not_found(std::string message, std::string detail) {
  return std::make_unique<ApiError>(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                                             .code = "upstream_error",
                                             .message = std::move(message),
                                             .detail = std::move(detail),
                                             .retry = Retry::OtherTarget});
}

Failure too_slow(const std::string& host) {
  return std::make_unique<ApiError>(
      ApiError{.kind = ErrorKind::DeadlineExceeded,
               .code = "upstream_timeout",
               .message = "connect: the look-up of " + host + " took too long",
               .retry = Retry::OtherTarget});
}

Result<Addresses> ask_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, [](addrinfo* list) {
    if (list) ::freeaddrinfo(list);
  });
  if (error != 0) {
    const int reason = errno;
    return std::unexpected(
        not_found("the name " + host + " could not be resolved",
                  error == EAI_SYSTEM ? std::strerror(reason) : ::gai_strerror(error)));
  }
  Addresses addresses;
  for (const addrinfo* each = found; each; each = each->ai_next) {
    addresses.emplace_back(each->ai_addr, each->ai_addrlen);
  }
  return addresses;
}

// What needs no look-up.
std::optional<Addresses> known(const std::string& host) {
  if (const auto ip = parse_ip(host)) return Addresses{SocketAddress(*ip, 0)};
  if (host == "localhost") {
    return Addresses{SocketAddress(*parse_ip("127.0.0.1"), 0), SocketAddress(*parse_ip("::1"), 0)};
  }
  return std::nullopt;
}

std::string lowered(std::string text) {
  std::ranges::transform(text, text.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter | 0x20) : letter;
  });
  return text;
}

// An answer as the waiting tasks share it.
struct Answer {
  Addresses addresses;  // Empty: failed.
  std::string message;
  std::string detail;

  Result<Addresses> result() const {
    if (addresses.empty()) return std::unexpected(not_found(message, detail));
    return addresses;
  }
};

using SharedAnswer = std::shared_ptr<const Answer>;

}  // namespace

// Shared with the look-ups that run, which may outlast the resolver.
struct Resolver::State : std::enable_shared_from_this<State> {
  // How a look-up reaches a task that may be gone when the answer comes: `waiter` is read and
  // written on the loop's thread only.
  struct Seat {
    Loop& loop;
    Waiter* waiter;
  };

  struct Name {
    SharedAnswer good;
    Instant fresh_until;
    Instant stale_until;
    SharedAnswer bad;
    Instant bad_until;
    bool looking_up = false;
    std::vector<std::shared_ptr<Seat>> seats;
  };

  State(Options chosen, Lookup how) : options(chosen), lookup(std::move(how)) {}

  SharedAnswer cached(Name& name, Instant now) const {
    if (name.good && now < name.stale_until) return name.good;
    if (name.bad && now < name.bad_until) return name.bad;
    return nullptr;
  }

  bool worth_asking(const Name& name, Instant now) const {
    if (name.looking_up) return false;
    const bool fresh = name.good && now < name.fresh_until;
    const bool failed = name.bad && now < name.bad_until;
    return !fresh && !failed;
  }

  Name& name_of(const std::string& host) {
    if (names.size() >= kMaxNames && !names.contains(host)) {
      std::erase_if(names, [](const auto& entry) { return !entry.second.looking_up; });
    }
    return names[host];
  }

  void look_up(const std::string& host, Instant asked_at);
  void settle(const std::string& host, Instant asked_at, const SharedAnswer& answer);
  void forget(const std::string& host, const std::shared_ptr<Seat>& seat) {
    std::lock_guard lock(mutex);
    const auto name = names.find(host);
    if (name != names.end()) std::erase(name->second.seats, seat);
  }

  const Options options;
  const Lookup lookup;
  std::mutex mutex;
  std::unordered_map<std::string, Name> names;
};

// Sits in the waiting task's frame.
class Resolver::Waiter final : private Ready, private Timer {
 public:
  Waiter(Loop& loop, State& state, const std::string& host, Instant deadline)
      : loop_(loop),
        state_(state),
        host_(host),
        deadline_(deadline),
        seat_(std::make_shared<State::Seat>(loop, this)) {}
  ~Waiter() {
    seat_->waiter = nullptr;
    // Also keeps the loop alive for a look-up that is about to post to it.
    state_.forget(host_, seat_);
  }

  const std::shared_ptr<State::Seat>& seat() const { return seat_; }

  void deliver(SharedAnswer answer) {
    if (queued()) return;
    answer_ = std::move(answer);
    disarm();
    loop_.queue(*this);
  }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) {
    caller_ = caller;
    loop_.timers().arm(*this, deadline_);
  }
  SharedAnswer await_resume() { return std::move(answer_); }  // Null at the deadline.

 private:
  void run() override { caller_.resume(); }
  void on_time() override { deliver(nullptr); }

  Loop& loop_;
  State& state_;
  const std::string& host_;
  Instant deadline_;
  std::shared_ptr<State::Seat> seat_;
  std::coroutine_handle<> caller_;
  SharedAnswer answer_;
};

void Resolver::State::look_up(const std::string& host, Instant asked_at) {
  Result<Addresses> found = Addresses();
  try {
    found = lookup(host);
  } catch (const std::exception& exception) {
    found =
        std::unexpected(not_found("the name " + host + " could not be resolved", exception.what()));
  }
  auto answer = std::make_shared<Answer>();
  if (found && !found->empty()) {
    answer->addresses = *std::move(found);
  } else if (found) {
    answer->message = "the name " + host + " has no addresses";
  } else {
    answer->message = std::move(found.error()->message);
    answer->detail = std::move(found.error()->detail);
  }
  settle(host, asked_at, answer);
}

void Resolver::State::settle(const std::string& host, Instant asked_at,
                             const SharedAnswer& answer) {
  std::lock_guard lock(mutex);
  Name& name = names[host];
  name.looking_up = false;
  if (answer->addresses.empty()) {
    name.bad = answer;
    name.bad_until = asked_at + options.failed;
  } else {
    name.good = answer;
    name.fresh_until = asked_at + options.fresh;
    name.stale_until = name.fresh_until + options.stale;
    name.bad = nullptr;
  }
  for (const std::shared_ptr<Seat>& seat : name.seats) {
    // Under the lock: a task that ends must first leave its seat, so its loop is still there.
    seat->loop.post([seat, answer] {
      if (seat->waiter) seat->waiter->deliver(answer);
    });
  }
  name.seats.clear();
}

Resolver::Resolver(BlockingPool& pool) : Resolver(pool, Options(), ask_system) {}

Resolver::Resolver(BlockingPool& pool, Options options, Lookup lookup)
    : pool_(pool), state_(std::make_shared<State>(options, std::move(lookup))) {}

Resolver::~Resolver() = default;

Task<Result<std::vector<SocketAddress>>> Resolver::resolve(Loop& loop, const std::string& host,
                                                           std::uint16_t port, Instant deadline) {
  const std::string name_text = lowered(host);
  if (auto addresses = known(name_text)) co_return with_port(*std::move(addresses), port);

  const Instant now = loop.now();
  const std::shared_ptr<State> state = state_;
  std::optional<Waiter> waiter;
  SharedAnswer answer;
  bool ask = false;
  {
    std::lock_guard lock(state->mutex);
    State::Name& name = state->name_of(name_text);
    answer = state->cached(name, now);
    ask = state->worth_asking(name, now);
    if (ask) name.looking_up = true;
    if (!answer) name.seats.push_back(waiter.emplace(loop, *state, name_text, deadline).seat());
  }
  if (ask && !pool_.submit([state, name_text, now] { state->look_up(name_text, now); })) {
    auto refused = std::make_shared<Answer>();
    refused->message = "the name " + name_text + " could not be resolved";
    refused->detail = "too many look-ups are under way";
    state->settle(name_text, now - state->options.failed, std::move(refused));
  }
  if (!answer) answer = co_await *waiter;
  waiter.reset();
  if (!answer) co_return std::unexpected(too_slow(name_text));
  Result<Addresses> result = answer->result();
  if (!result) co_return pass_on(result.error());
  co_return with_port(*std::move(result), port);
}

}  // namespace sluice::net
