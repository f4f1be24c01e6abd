#include "net/loop.h"

#include "net/interruption.h"
#include "net/transport.h"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <array>
#include <thread>

namespace sluice::net {
namespace {

using std::chrono::milliseconds;

struct SocketPair {
  explicit SocketPair(Loop& loop) {
    std::array<int, 2> fds;
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
    near = make_tcp_transport(loop, fds[0]);
    far = make_tcp_transport(loop, fds[1]);
  }
  std::unique_ptr<Transport> near;
  std::unique_ptr<Transport> far;
};

void run_until(Loop& loop, const bool& done) {
  while (!done) loop.run_once(milliseconds(100));
}

Task<void> read_into(Transport& transport, std::string& text, IoStatus& last, bool& done) {
  std::array<char, 16> buffer;
  for (;;) {
    const ReadOutcome outcome = co_await read_some(transport, buffer, kNever);
    last = outcome.status;
    if (outcome.status != IoStatus::Ok) break;
    text.append(buffer.data(), outcome.bytes);
  }
  done = true;
}

Task<void> write_then_finish(Transport& transport, std::string text) {
  const std::array<std::string_view, 2> pieces{std::string_view(text).substr(0, 1),
                                               std::string_view(text).substr(1)};
  EXPECT_EQ(co_await write_all(transport, pieces, std::chrono::seconds(10)), IoStatus::Ok);
  transport.finish();
}

TEST(Loop, CarriesMoreThanASocketHolds) {
  Loop loop;
  SocketPair pair(loop);
  std::string text(3'000'000, 'x');
  text.back() = 'y';
  std::string received;
  IoStatus last{};
  bool done = false;

  loop.spawn(read_into(*pair.far, received, last, done));
  loop.spawn(write_then_finish(*pair.near, text));
  run_until(loop, done);

  EXPECT_EQ(received, text);
  EXPECT_EQ(last, IoStatus::End);
}

Task<void> read_with_deadline(Transport& transport, Instant deadline, IoStatus& status,
                              bool& done) {
  std::array<char, 16> buffer;
  const ReadOutcome outcome = co_await read_some(transport, buffer, deadline);
  status = outcome.status;
  done = true;
}

TEST(Loop, ReadGivesUpAtItsDeadline) {
  Loop loop;
  SocketPair pair(loop);
  IoStatus status{};
  bool done = false;

  loop.spawn(read_with_deadline(*pair.near, loop.now() + milliseconds(20), status, done));
  run_until(loop, done);

  EXPECT_EQ(status, IoStatus::TimedOut);
}

Task<void> sleep(Loop& loop, milliseconds how_long, bool& done) {
  co_await loop.sleep_until(loop.now() + how_long);
  done = true;
}

TEST(Loop, KnowsTheTimeOfDayOfEachTurn) {
  Loop loop;
  const auto began = loop.now();
  const auto wall_began = loop.wall();
  bool done = false;

  loop.spawn(sleep(loop, milliseconds(20), done));
  run_until(loop, done);

  EXPECT_GE(loop.now() - began, milliseconds(20));
  const auto apart = (loop.wall() - wall_began) - (loop.now() - began);
  EXPECT_LT(std::chrono::abs(apart), milliseconds(10));
}

TEST(Loop, RunsWhatOtherThreadsPost) {
  Loop loop;
  bool done = false;

  std::jthread other([&] { loop.post([&] { done = true; }); });
  run_until(loop, done);

  EXPECT_TRUE(done);
}

struct Guard {
  bool& gone;
  ~Guard() { gone = true; }
};

Task<void> wait_forever(Transport& transport, bool& gone) {
  Guard guard{gone};
  std::array<char, 16> buffer;
  co_await read_some(transport, buffer, kNever);
}

Task<void> run_interrupted(Interruption& interruption, Transport& transport, bool& gone,
                           Interrupt& why, bool& done) {
  why = co_await interruption.run(wait_forever(transport, gone));
  done = true;
}

TEST(Interruption, DestroysTheTaskWhereItStands) {
  Loop loop;
  SocketPair pair(loop);
  Interruption interruption(loop);
  bool gone = false;
  bool done = false;
  Interrupt why{};

  loop.spawn(run_interrupted(interruption, *pair.near, gone, why, done));
  interruption.interrupt(Interrupt::ClientGone);
  EXPECT_FALSE(gone);
  run_until(loop, done);

  EXPECT_TRUE(gone);
  EXPECT_EQ(why, Interrupt::ClientGone);
}

TEST(Interruption, HoldsADeadline) {
  Loop loop;
  SocketPair pair(loop);
  Interruption interruption(loop);
  bool gone = false;
  bool done = false;
  Interrupt why{};

  loop.spawn(run_interrupted(interruption, *pair.near, gone, why, done));
  interruption.interrupt_at(loop.now() + milliseconds(20));
  run_until(loop, done);

  EXPECT_EQ(why, Interrupt::Deadline);
}

Task<void> use_later(Transport& transport, int& used_by_the_task) {
  struct AtTheEnd {
    int& used;
    ~AtTheEnd() { ++used; }
  } at_the_end{used_by_the_task};
  std::array<char, 16> buffer;
  co_await read_some(transport, buffer, kNever);
}

Task<void> lend_to_a_task(Interruption& interruption, Transport& transport, int& at_the_end) {
  struct Lent {
    int value = 0;
    int& seen;
    ~Lent() { seen = value; }
  } lent{.seen = at_the_end};
  co_await interruption.run(use_later(transport, lent.value));
}

TEST(Interruption, EndsItsTaskBeforeTheCallerThatIsDestroyed) {
  Loop loop;
  SocketPair pair(loop);
  Interruption interruption(loop);
  int at_the_end = 0;
  loop.spawn(lend_to_a_task(interruption, *pair.near, at_the_end));

  loop.abandon_all();

  EXPECT_EQ(at_the_end, 1) << "the task's destructor ran while its caller's frame was there";
}

TEST(Interruption, MayDieBeforeItsCaller) {
  Loop loop;
  SocketPair pair(loop);
  auto interruption = std::make_unique<Interruption>(loop);
  bool gone = false;
  bool done = false;
  Interrupt why{};
  loop.spawn(run_interrupted(*interruption, *pair.near, gone, why, done));

  interruption.reset();
  EXPECT_TRUE(gone);
  loop.abandon_all();

  EXPECT_FALSE(done);
}

TEST(Loop, TellsThatThePeerIsGoneWithoutReading) {
  struct Watcher final : Ready {
    bool told = false;
    void run() override { told = true; }
  };
  Loop loop;
  SocketPair pair(loop);
  Watcher watcher;
  pair.near->descriptor().watch_peer(&watcher);

  pair.far.reset();
  run_until(loop, watcher.told);

  EXPECT_TRUE(pair.near->descriptor().peer_finished());
}

TEST(Loop, DestroysWhatIsStillRunningWhenItDies) {
  bool gone = false;
  auto loop = std::make_unique<Loop>();
  auto pair = std::make_unique<SocketPair>(*loop);

  loop->spawn(wait_forever(*pair->near, gone));
  loop->run_once(milliseconds(0));
  loop->abandon_all();
  pair.reset();
  loop.reset();

  EXPECT_TRUE(gone);
}

struct Counter final : Timer {
  int fired = 0;
  void on_time() override { ++fired; }
};

TEST(TimerWheel, FiresNeitherEarlyNorTwice) {
  const Instant start{};
  TimerWheel wheel(start);
  Counter counter;
  wheel.arm(counter, start + milliseconds(25));

  wheel.advance(start + milliseconds(24));
  EXPECT_EQ(counter.fired, 0);
  wheel.advance(start + milliseconds(30));
  EXPECT_EQ(counter.fired, 1);
  wheel.advance(start + milliseconds(90'000));

  EXPECT_EQ(counter.fired, 1);
}

TEST(TimerWheel, HoldsTimersLongerThanOneTurn) {
  const Instant start{};
  TimerWheel wheel(start);
  Counter counter;
  wheel.arm(counter, start + std::chrono::minutes(10));

  wheel.advance(start + std::chrono::minutes(9));
  EXPECT_EQ(counter.fired, 0);
  wheel.advance(start + std::chrono::minutes(11));

  EXPECT_EQ(counter.fired, 1);
}

TEST(TimerWheel, KnowsWhenTheNextIsDue) {
  const Instant start{};
  TimerWheel wheel(start);
  Counter counter;
  EXPECT_EQ(wheel.next_due(), kNever);

  wheel.arm(counter, start + milliseconds(1500));

  EXPECT_EQ(wheel.next_due(), start + milliseconds(1500));
}

}  // namespace
}  // namespace sluice::net
