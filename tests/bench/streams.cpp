// Opens many event streams at once and checks every event of each: its number, its checksum and
// that it belongs to this caller. Prints {"open":N} when all have begun, and a summary at the end.
// With --seconds S each stream, once complete, is asked for again until S seconds have passed.

#include "wire/channel.h"
#include "wire/histogram.h"
#include "wire/mark.h"
#include "wire/message_reader.h"
#include "wire/options.h"
#include "wire/socket.h"

#include <sys/epoll.h>

#include <array>
#include <memory>
#include <set>
#include <vector>

namespace sluice::bench {
namespace {

struct Faults {
  long lost = 0;
  long doubled = 0;
  long out_of_order = 0;
  long foreign = 0;     // Another stream's event, or a damaged one.
  long incomplete = 0;  // No [DONE], or the connection ended first.
  long non_2xx = 0;
};

struct Stream {
  explicit Stream(Channel opened) : channel(std::move(opened)) {}

  Channel channel;
  MessageReader answer;
  std::string line;  // Unfinished, across reads.
  std::string request;
  std::string_view unsent;
  std::uint32_t number = 0;
  std::uint32_t expected = 0;
  std::set<std::uint32_t> skipped;
  bool begun = false;
  bool complete = false;
  bool over = false;
  std::int64_t asked_ns = 0;
  std::int64_t last_ns = 0;
};

class Streams {
 public:
  explicit Streams(const Options& options)
      : options_(options),
        wanted_(static_cast<std::size_t>(options.number("--streams"))),
        chunks_(static_cast<std::uint32_t>(options.number("--chunks"))),
        next_number_(static_cast<std::uint32_t>(options.number("--first"))),
        tls_(options.number("--tls") ? client_tls() : nullptr) {
    const auto prompt = static_cast<std::size_t>(options.number("--prompt-bytes"));
    while (prompt_.size() < prompt) prompt_ += "The quick brown fox jumps over the lazy dog. ";
  }

  void run() {
    std::int64_t began = now_ns();
    repeat_until_ = began + static_cast<std::int64_t>(options_.real("--seconds") * 1e9);
    std::int64_t limit = began + options_.number("--at-most") * 1'000'000'000;
    std::array<epoll_event, 512> events;
    while ((streams_.size() < wanted_ || over_ < wanted_) && now_ns() < limit) {
      open_due(began);
      int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                             streams_.size() < wanted_ ? 1 : 100);
      for (int at = 0; at < count; ++at) {
        auto& stream = *static_cast<Stream*>(events[static_cast<std::size_t>(at)].data.ptr);
        if (!stream.over) serve(stream);
      }
    }
    report(static_cast<double>(now_ns() - began) / 1e9);
  }

 private:
  void open_due(std::int64_t began) {
    double seconds = static_cast<double>(now_ns() - began) / 1e9;
    auto due = static_cast<std::size_t>(seconds * options_.real("--open-rate")) + 1;
    while (streams_.size() < std::min(due, wanted_)) {
      int fd = connect_to(options_.text("--source").c_str(),
                          static_cast<std::uint16_t>(options_.number("--port")));
      streams_.push_back(std::make_unique<Stream>(tls_ ? Channel(fd, *tls_, false) : Channel(fd)));
      Stream& stream = *streams_.back();
      ask(stream);
      epoll_event event{};
      event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
      event.data.ptr = &stream;
      epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }
  }

  void ask(Stream& stream) {
    stream.number = next_number_++;
    std::string body = R"({"model":")" + options_.text("--model") +
                       R"(","stream":true,"stream_options":{"include_usage":true},"messages":[)" +
                       R"({"role":"user","content":"stream=)" + std::to_string(stream.number) +
                       ' ' + prompt_ + R"("}]})";
    stream.request =
        "POST " + options_.text("--path") +
        " HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer " + options_.text("--key") + "\r\n" +
        options_.text("--headers") +
        "content-type: application/json\r\ncontent-length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
    stream.unsent = stream.request;
    stream.answer.reset();
    stream.line.clear();
    stream.expected = 0;
    stream.skipped.clear();
    stream.complete = false;
    stream.last_ns = 0;
    stream.asked_ns = now_ns();
    send_rest(stream);
  }

  void send_rest(Stream& stream) {
    while (!stream.unsent.empty()) {
      auto [outcome, size] = stream.channel.write(stream.unsent);
      if (outcome != Outcome::Done) return;
      stream.unsent.remove_prefix(size);
    }
  }

  void serve(Stream& stream) {
    send_rest(stream);
    for (;;) {
      auto [outcome, size] = stream.channel.read(scratch_.data(), scratch_.size());
      if (outcome == Outcome::Blocked) return;
      if (outcome == Outcome::Closed) return finish(stream);
      std::int64_t now = now_ns();
      stream.answer.feed({scratch_.data(), size},
                         [&](std::string_view part) { take(stream, part, now); });
      if (stream.answer.broken()) return finish(stream);
      if (stream.answer.done()) {
        settle(stream);
        if (now >= repeat_until_) {
          stream.over = true;
          ++over_;
          return;
        }
        ask(stream);
      }
      if (!stream.channel.may_hold_more(size, scratch_.size())) return;
    }
  }

  void take(Stream& stream, std::string_view bytes, std::int64_t now) {
    for (;;) {
      std::size_t end = bytes.find('\n');
      if (end == std::string_view::npos) {
        stream.line.append(bytes);
        return;
      }
      if (stream.line.empty()) {
        event(stream, bytes.substr(0, end), now);
      } else {
        stream.line.append(bytes.substr(0, end));
        event(stream, stream.line, now);
        stream.line.clear();
      }
      bytes.remove_prefix(end + 1);
    }
  }

  void event(Stream& stream, std::string_view line, std::int64_t now) {
    if (!line.starts_with("data: ")) return;
    ++frames_;
    if (line.starts_with("data: [DONE]")) {
      stream.complete = true;
    } else if (line.find('~') != std::string_view::npos) {
      check(stream, line, now);
    }
  }

  void check(Stream& stream, std::string_view line, std::int64_t now) {
    auto mark = find_mark(line);
    if (!mark || mark->stream != stream.number) {
      ++faults_.foreign;
      return;
    }
    if (stream.last_ns == 0) {
      first_.add(now - stream.asked_ns);
      if (!stream.begun && ++begun_ == wanted_) {
        std::printf("{\"open\":%zu}\n", begun_);
        std::fflush(stdout);
      }
      stream.begun = true;
    } else {
      gap_.add(now - stream.last_ns);
    }
    stream.last_ns = now;
    delay_.add(now - static_cast<std::int64_t>(mark->sent_ns));
    if (mark->sequence >= stream.expected) {
      for (; stream.expected < mark->sequence; ++stream.expected) {
        stream.skipped.insert(stream.expected);
      }
      stream.expected = mark->sequence + 1;
    } else if (stream.skipped.erase(mark->sequence)) {
      ++faults_.out_of_order;
    } else {
      ++faults_.doubled;
    }
  }

  void settle(Stream& stream) {
    int status = stream.answer.status();
    if (status < 200 || status > 299) {
      ++faults_.non_2xx;
    } else if (!stream.complete) {
      ++faults_.incomplete;
    }
    faults_.lost += static_cast<long>(stream.skipped.size());
    if (stream.expected < chunks_) faults_.lost += chunks_ - stream.expected;
    ++settled_;
  }

  // The connection ended: what it owed is lost.
  void finish(Stream& stream) {
    stream.complete = false;
    settle(stream);
    stream.over = true;
    ++over_;
    epoll_ctl(epoll_, EPOLL_CTL_DEL, stream.channel.fd(), nullptr);
  }

  void report(double seconds) const {
    std::printf(
        R"({"streams":%ld,"unfinished":%zu,"frames":%llu,"seconds":%.3f,"lost":%ld,"doubled":%ld,)"
        R"("out_of_order":%ld,"foreign":%ld,"incomplete":%ld,"non_2xx":%ld,"first_us":%s,)"
        R"("gap_us":%s,"delay_us":%s})"
        "\n",
        settled_, wanted_ - over_, static_cast<unsigned long long>(frames_), seconds, faults_.lost,
        faults_.doubled, faults_.out_of_order, faults_.foreign, faults_.incomplete, faults_.non_2xx,
        first_.json().c_str(), gap_.json().c_str(), delay_.json().c_str());
  }

  const Options& options_;
  std::size_t wanted_;
  std::uint32_t chunks_;
  std::uint32_t next_number_;
  std::string prompt_;
  TlsContext tls_;
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  std::vector<std::unique_ptr<Stream>> streams_;
  std::array<char, 65536> scratch_;
  Faults faults_;
  Histogram first_;
  Histogram gap_;
  Histogram delay_;
  std::uint64_t frames_ = 0;
  std::size_t begun_ = 0;
  std::size_t over_ = 0;
  long settled_ = 0;
  std::int64_t repeat_until_ = 0;
};

void run(int count, char** words) {
  Options options(count, words,
                  {{"--port", "0"},
                   {"--path", "/v1/chat/completions"},
                   {"--headers", ""},
                   {"--source", "127.0.0.1"},
                   {"--key", "sk-bench-0"},
                   {"--model", "canned-sse-200-10ms"},
                   {"--chunks", "200"},
                   {"--prompt-bytes", "0"},
                   {"--streams", "100"},
                   {"--first", "1"},
                   {"--open-rate", "2000"},
                   {"--seconds", "0"},
                   {"--at-most", "120"},
                   {"--tls", "0"}});
  prepare_process();
  std::make_unique<Streams>(options)->run();
}

}  // namespace
}  // namespace sluice::bench

int main(int count, char** words) {
  sluice::bench::run(count, words);
}
