// Asks for whole answers at a fixed rate (open loop: a slow answer delays no other, and its own
// latency counts from when it was due), or as fast as they come (--rate 0). Prints one JSON object.
//   --until first-event measures the time to the first streamed event instead of the whole answer.

#include "wire/channel.h"
#include "wire/histogram.h"
#include "wire/message_reader.h"
#include "wire/options.h"
#include "wire/socket.h"

#include <sys/epoll.h>

#include <array>
#include <deque>
#include <memory>
#include <vector>

namespace sluice::bench {
namespace {

struct Expectation {
  std::string text;   // Must be in the body.
  std::string exact;  // Must be the body; empty: not asked.
};

struct Caller {
  explicit Caller(Channel opened) : channel(std::move(opened)) {}

  Channel channel;
  MessageReader answer;
  std::string body;
  std::string_view unsent;
  std::int64_t due_ns = 0;
  bool busy = false;
  bool timed = false;
};

class Load {
 public:
  Load(const Options& options, std::string request, Expectation expected)
      : port_(static_cast<std::uint16_t>(options.number("--port"))),
        rate_(options.real("--rate")),
        total_(options.number("--requests")),
        warm_up_(options.number("--warm-up")),
        until_first_event_(options.text("--until") == "first-event"),
        request_(std::move(request)),
        expected_(std::move(expected)),
        tls_(options.number("--tls") ? client_tls() : nullptr) {
    if (rate_ > 0) total_ = static_cast<long>(rate_ * options.real("--seconds"));
    callers_.resize(static_cast<std::size_t>(options.number("--connections")));
    for (auto& caller : callers_) connect(caller);
  }

  void run() {
    began_ns_ = now_ns();
    std::int64_t limit = began_ns_ + 120'000'000'000;
    std::array<epoll_event, 256> events;
    while (finished_ < total_ && now_ns() < limit) {
      issue();
      timespec wait = until_next();
      int count =
          epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
      for (int at = 0; at < count; ++at) {
        auto& caller =
            *static_cast<std::unique_ptr<Caller>*>(events[static_cast<std::size_t>(at)].data.ptr);
        serve(caller);
      }
    }
    report();
  }

 private:
  void connect(std::unique_ptr<Caller>& caller) {
    int fd = connect_to("127.0.0.1", port_);
    caller = std::make_unique<Caller>(tls_ ? Channel(fd, *tls_, false) : Channel(fd));
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &caller;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    idle_.push_back(&caller);
  }

  std::int64_t due_ns(long index) const {
    return began_ns_ +
           (rate_ > 0 ? static_cast<std::int64_t>(static_cast<double>(index) / rate_ * 1e9) : 0);
  }

  void issue() {
    std::int64_t now = now_ns();
    while (issued_ < total_ && !idle_.empty() && due_ns(issued_) <= now) {
      auto& caller = *idle_.front();
      idle_.pop_front();
      caller->due_ns = rate_ > 0 ? due_ns(issued_) : now_ns();
      caller->busy = true;
      caller->timed = issued_++ < warm_up_;
      caller->unsent = request_;
      send_rest(*caller);
    }
  }

  timespec until_next() const {
    std::int64_t wait = 100'000'000;
    if (issued_ < total_ && !idle_.empty()) {
      wait = std::clamp<std::int64_t>(due_ns(issued_) - now_ns(), 0, wait);
    }
    return {.tv_sec = 0, .tv_nsec = wait};
  }

  void send_rest(Caller& caller) {
    while (!caller.unsent.empty()) {
      auto [outcome, size] = caller.channel.write(caller.unsent);
      if (outcome != Outcome::Done) return;  // A broken connection shows itself when it is read.
      caller.unsent.remove_prefix(size);
    }
  }

  void serve(std::unique_ptr<Caller>& caller) {
    send_rest(*caller);
    for (;;) {
      auto [outcome, size] = caller->channel.read(scratch_.data(), scratch_.size());
      if (outcome == Outcome::Blocked) return;
      if (outcome == Outcome::Closed) return replace(caller);
      if (!take(*caller, {scratch_.data(), size})) return replace(caller);
      if (!caller->busy) idle_.push_back(&caller), caller->body.clear();
      if (!caller->channel.may_hold_more(size, scratch_.size())) return;
    }
  }

  bool take(Caller& caller, std::string_view bytes) {
    if (!caller.busy) return false;
    caller.answer.feed(bytes, [&](std::string_view part) { caller.body.append(part); });
    if (caller.answer.broken()) return false;
    if (until_first_event_ && !caller.timed && caller.body.find("data: {") != std::string::npos) {
      measure(caller);
    }
    if (!caller.answer.done()) return true;
    if (!caller.timed) measure(caller);
    judge(caller);
    caller.answer.reset();
    caller.busy = false;
    ++finished_;
    return true;
  }

  void measure(Caller& caller) {
    caller.timed = true;
    latency_.add(now_ns() - caller.due_ns);
  }

  void judge(const Caller& caller) {
    int status = caller.answer.status();
    if (status < 200 || status > 299) {
      ++refused_;
    } else if (caller.body.find(expected_.text) == std::string::npos ||
               (!expected_.exact.empty() && caller.body != expected_.exact)) {
      ++wrong_;
    }
  }

  void replace(std::unique_ptr<Caller>& caller) {
    if (caller->busy) {
      ++broken_;
      ++finished_;
    } else {
      std::erase(idle_, &caller);
    }
    if (broken_ > 1000) give_up("too many broken connections");
    connect(caller);
  }

  void report() const {
    double seconds = static_cast<double>(now_ns() - began_ns_) / 1e9;
    std::printf(
        R"({"requests":%ld,"unfinished":%ld,"non_2xx":%ld,"wrong":%ld,"broken":%ld,"seconds":%.3f,)"
        R"("per_second":%.1f,"latency_us":%s})"
        "\n",
        finished_, total_ - finished_, refused_, wrong_, broken_, seconds,
        static_cast<double>(finished_) / seconds, latency_.json().c_str());
  }

  std::uint16_t port_;
  double rate_;
  long total_;
  long warm_up_;
  bool until_first_event_;
  std::string request_;
  Expectation expected_;
  TlsContext tls_;
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  std::vector<std::unique_ptr<Caller>> callers_;
  std::deque<std::unique_ptr<Caller>*> idle_;
  std::array<char, 262144> scratch_;
  Histogram latency_;
  std::int64_t began_ns_ = 0;
  long issued_ = 0;
  long finished_ = 0;
  long refused_ = 0;
  long wrong_ = 0;
  long broken_ = 0;
};

void run(int count, char** words) {
  Options options(count, words,
                  {{"--port", "0"},
                   {"--path", "/v1/chat/completions"},
                   {"--key", "sk-bench-0"},
                   {"--body", ""},
                   {"--headers", ""},
                   {"--expect", "the-end"},
                   {"--expect-file", ""},
                   {"--rate", "0"},
                   {"--seconds", "5"},
                   {"--requests", "1000"},
                   {"--warm-up", "0"},
                   {"--connections", "64"},
                   {"--tls", "0"},
                   {"--until", "end"}});
  prepare_process();
  std::string body = options.file("--body");
  std::string request =
      "POST " + options.text("--path") + " HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer " +
      options.text("--key") + "\r\n" + options.text("--headers") +
      "content-type: application/json\r\ncontent-length: " + std::to_string(body.size()) +
      "\r\n\r\n" + body;
  Expectation expected{options.text("--expect"), options.file("--expect-file")};
  std::make_unique<Load>(options, std::move(request), std::move(expected))->run();
}

}  // namespace
}  // namespace sluice::bench

int main(int count, char** words) {
  sluice::bench::run(count, words);
}
