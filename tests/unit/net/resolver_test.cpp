#include "net/resolver.h"

#include "unit/net/drive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace sluice::net {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Addresses = std::vector<SocketAddress>;

SocketAddress address(const char* ip, std::uint16_t port = 0) {
  return SocketAddress(*parse_ip(ip), port);
}

// A name service under the test's thumb.
struct Names {
  std::atomic<int> asked = 0;
  std::atomic<bool> down = false;
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();

  Resolver::Lookup lookup() {
    return [this](const std::string& host) -> Result<Addresses> {
      ++asked;
      if (host.starts_with("slow")) released.wait();
      if (down || host.starts_with("unknown")) {
        return fail(ApiError{.kind = ErrorKind::UpstreamUnavailable,
                             .code = "upstream_error",
                             .message = "no such name",
                             .detail = "NXDOMAIN"});
      }
      return Addresses{address("192.0.2.1"), address("2001:db8::1")};
    };
  }
};

struct Scene {
  explicit Scene(Resolver::Options options = {}) : resolver(pool, options, names.lookup()) {}
  ~Scene() {
    // Nobody may be stuck when the pool ends.
    try {
      names.release.set_value();
    } catch (const std::future_error&) {
    }
  }

  Result<Addresses> resolve(const std::string& host) {
    return run(loop, resolver.resolve(loop, host, 443, soon(loop)));
  }

  Names names;
  Loop loop;
  BlockingPool pool{{.threads = 4, .queue = 16}};
  Resolver resolver;
};

TEST(Resolver, GivesEveryAddressWithThePort) {
  Scene scene;
  const auto found = scene.resolve("api.example");

  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (Addresses{address("192.0.2.1", 443), address("2001:db8::1", 443)}));
}

TEST(Resolver, AnswersWhatItKnowsWithoutSuspending) {
  Scene scene;
  ASSERT_TRUE(scene.resolve("api.example"));
  for (const std::string host : {"API.example", "127.0.0.1", "::1", "localhost"}) {
    Task<Result<Addresses>> task = scene.resolver.resolve(scene.loop, host, 80, kNever);
    task.enter(std::noop_coroutine()).resume();
    ASSERT_TRUE(task.done()) << host;
    EXPECT_TRUE(task.take()) << host;
  }
  EXPECT_EQ(scene.names.asked, 1);
}

TEST(Resolver, TellsWhyANameFailed) {
  Scene scene;
  const auto found = scene.resolve("unknown.example");

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error()->kind, ErrorKind::UpstreamUnavailable);
  EXPECT_EQ(found.error()->code, "upstream_error");
  EXPECT_EQ(found.error()->detail, "NXDOMAIN");
  EXPECT_EQ(found.error()->retry, Retry::OtherTarget);
}

TEST(Resolver, BelievesAFailureForAWhile) {
  Scene scene({.fresh = seconds(60), .failed = hours(1), .stale = hours(1)});
  EXPECT_FALSE(scene.resolve("unknown.example"));
  EXPECT_FALSE(scene.resolve("unknown.example"));
  EXPECT_EQ(scene.names.asked, 1);
}

TEST(Resolver, AsksAgainOnceAFailureIsOld) {
  Scene scene({.fresh = seconds(60), .failed = seconds(0), .stale = hours(1)});
  EXPECT_FALSE(scene.resolve("unknown.example"));
  EXPECT_FALSE(scene.resolve("unknown.example"));
  EXPECT_EQ(scene.names.asked, 2);
}

TEST(Resolver, ServesAStaleAddressWhileNamesAreDown) {
  Scene scene({.fresh = seconds(0), .failed = seconds(0), .stale = hours(1)});
  ASSERT_TRUE(scene.resolve("api.example"));
  scene.names.down = true;

  EXPECT_TRUE(scene.resolve("api.example"));
  while (scene.names.asked < 2) std::this_thread::yield();
  EXPECT_TRUE(scene.resolve("api.example"));
}

TEST(Resolver, DoesNotServeAnAddressThatIsTooOld) {
  Scene scene({.fresh = seconds(0), .failed = seconds(0), .stale = seconds(0)});
  ASSERT_TRUE(scene.resolve("api.example"));
  scene.names.down = true;

  EXPECT_FALSE(scene.resolve("api.example"));
}

TEST(Resolver, LooksANameUpOnceForAllThatWait) {
  Scene scene;
  std::optional<Result<Addresses>> first;
  std::optional<Result<Addresses>> second;
  const std::string host = "slow.example";
  scene.loop.spawn(store(scene.resolver.resolve(scene.loop, host, 1, soon(scene.loop)), first));
  scene.loop.spawn(store(scene.resolver.resolve(scene.loop, host, 2, soon(scene.loop)), second));
  turn(scene.loop);
  scene.names.release.set_value();
  turn_until(scene.loop, [&] { return first && second; });

  EXPECT_EQ((*first)->front().port(), 1);
  EXPECT_EQ((*second)->front().port(), 2);
  EXPECT_EQ(scene.names.asked, 1);
}

TEST(Resolver, ASlowNameDoesNotHoldUpAnother) {
  Scene scene;
  std::optional<Result<Addresses>> slow;
  const std::string host = "slow.example";
  scene.loop.spawn(store(scene.resolver.resolve(scene.loop, host, 1, soon(scene.loop)), slow));
  turn(scene.loop);

  EXPECT_TRUE(scene.resolve("quick.example"));
  EXPECT_FALSE(slow);
}

TEST(Resolver, GivesUpAtTheDeadline) {
  Scene scene;
  const auto found = run(scene.loop, scene.resolver.resolve(scene.loop, "slow.example", 1,
                                                            scene.loop.now() + milliseconds(20)));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error()->kind, ErrorKind::DeadlineExceeded);
  EXPECT_EQ(found.error()->code, "upstream_timeout");
  EXPECT_THAT(found.error()->message, testing::HasSubstr("connect"));
}

TEST(Resolver, ATaskThatIsDestroyedHearsNothing) {
  Scene scene;
  const std::string host = "slow.example";
  Task<Result<Addresses>> abandoned = scene.resolver.resolve(scene.loop, host, 1, kNever);
  abandoned.enter(std::noop_coroutine()).resume();
  ASSERT_FALSE(abandoned.done());
  abandoned.reset();
  scene.names.release.set_value();

  EXPECT_TRUE(scene.resolve(host));
}

TEST(Resolver, MayEndBeforeItsLookupsDo) {
  Names names;
  Loop loop;
  BlockingPool pool;
  {
    Resolver resolver(pool, {}, names.lookup());
    const std::string host = "slow.example";
    Task<Result<Addresses>> abandoned = resolver.resolve(loop, host, 1, kNever);
    abandoned.enter(std::noop_coroutine()).resume();
    EXPECT_FALSE(abandoned.done());
  }
  while (names.asked == 0) std::this_thread::yield();
  names.release.set_value();
}

TEST(Resolver, ServesManyLoopsThatComeAndGo) {
  Names names;
  BlockingPool pool;
  Resolver resolver(pool, {.fresh = seconds(0), .failed = seconds(0), .stale = seconds(0)},
                    names.lookup());
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      const std::string host = "api.example";
      for (int round = 0; round < 100; ++round) {
        Loop loop;
        EXPECT_TRUE(run(loop, resolver.resolve(loop, host, 1, soon(loop))));
        Task<Result<Addresses>> abandoned = resolver.resolve(loop, host, 1, kNever);
        abandoned.enter(std::noop_coroutine()).resume();
      }
    });
  }
}

TEST(Resolver, AsksTheSystem) {
  Loop loop;
  BlockingPool pool;
  Resolver resolver(pool);
  const auto found = run(loop, resolver.resolve(loop, "name.invalid", 1, soon(loop)));

  ASSERT_FALSE(found);
  EXPECT_NE(found.error()->detail, "");
}

}  // namespace
}  // namespace sluice::net
