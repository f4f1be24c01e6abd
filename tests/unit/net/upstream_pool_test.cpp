#include "net/upstream_pool.h"

#include "unit/net/tls_support.h"
#include "unit/net/upstream_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace sluice::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Lent = Result<Lease>;

const IpAddress kLocal = *parse_ip("127.0.0.1");

struct Scene {
  explicit Scene(std::size_t max = 10, Duration idle = seconds(60),
                 std::shared_ptr<const TlsServerContext> tls_server = nullptr,
                 std::shared_ptr<const TlsClientContext> tls_client = nullptr)
      : server(loop, std::move(tls_server)),
        budget(std::make_shared<ConnectionBudget>(max)),
        origin{.host = "api.example",
               .port = server.port(),
               .tls = tls_client != nullptr,
               .tls_context = std::move(tls_client)},
        pool(loop, resolver, origin, idle, budget) {}
  ~Scene() { loop.abandon_all(); }

  Lease lend(Freshness freshness = Freshness::Any) {
    const int before = server.accepted();
    Lent lent = run(loop, pool.acquire(soon(loop), freshness));
    EXPECT_TRUE(lent) << lent.error()->message;
    if (!lent->reused()) turn_until(loop, [&] { return server.accepted() > before; });
    return std::move(*lent);
  }

  Loop loop;
  BlockingPool threads;
  Resolver resolver{threads, {}, names_of({SocketAddress(kLocal, 0)})};
  Server server;
  std::shared_ptr<ConnectionBudget> budget;
  Origin origin;
  UpstreamPool pool;
};

TEST(UpstreamPool, LendsAgainWhatCameBack) {
  Scene scene;
  Lease first = scene.lend();
  EXPECT_FALSE(first.reused());
  Transport* const transport = &first.transport();
  first.give_back();
  EXPECT_FALSE(first);
  EXPECT_EQ(scene.pool.idle(), 1U);

  Lease second = scene.lend();
  EXPECT_TRUE(second.reused());
  EXPECT_EQ(&second.transport(), transport);
  EXPECT_EQ(second.connect_time(), Duration::zero());
  EXPECT_EQ(scene.pool.busy(), 1U);
  EXPECT_EQ(scene.server.accepted(), 1);
}

TEST(UpstreamPool, LendsTheNewestFirst) {
  Scene scene;
  Lease older = scene.lend();
  Lease newer = scene.lend();
  Transport* const newest = &newer.transport();
  older.give_back();
  newer.give_back();

  EXPECT_EQ(&scene.lend().transport(), newest);
}

TEST(UpstreamPool, ClosesWhatIsDropped) {
  Scene scene;
  {
    const Lease lease = scene.lend();
  }
  turn_until(scene.loop, [&] { return scene.server.peers[0]->descriptor().peer_finished(); });
  EXPECT_EQ(scene.pool.idle(), 0U);
  EXPECT_EQ(scene.pool.busy(), 0U);
  EXPECT_EQ(scene.budget->open(), 0U);
}

TEST(UpstreamPool, OpensANewOneForASecondTry) {
  Scene scene;
  scene.lend().give_back();
  EXPECT_FALSE(scene.lend(Freshness::New).reused());
  EXPECT_EQ(scene.server.accepted(), 2);
}

TEST(UpstreamPool, MakesRoomForASecondTry) {
  Scene scene(1);
  scene.lend().give_back();
  EXPECT_FALSE(scene.lend(Freshness::New).reused());
}

TEST(UpstreamPool, DropsAnIdleConnectionThatThePeerCloses) {
  Scene scene;
  scene.lend().give_back();
  scene.server.peers.clear();
  turn_until(scene.loop, [&] { return scene.pool.idle() == 0; });

  EXPECT_EQ(scene.budget->open(), 0U);
  EXPECT_FALSE(scene.lend().reused());
}

TEST(UpstreamPool, DoesNotLendAConnectionWithBytesNobodyAskedFor) {
  Scene scene;
  scene.lend().give_back();
  const std::string_view text = "HTTP/1.1 408 Too slow\r\n\r\n";
  scene.server.peers[0]->write({&text, 1});
  turn(scene.loop);

  EXPECT_FALSE(scene.lend().reused());
}

TEST(UpstreamPool, DoesNotTakeBackAConnectionWithBytesNobodyRead) {
  Scene scene;
  Lease lease = scene.lend();
  const std::string_view text = "more";
  scene.server.peers[0]->write({&text, 1});
  turn_until(scene.loop, [&] { return lease.transport().descriptor().can_read(); });
  lease.give_back();

  EXPECT_EQ(scene.pool.idle(), 0U);
}

TEST(UpstreamPool, ClosesWhatWasIdleForTooLong) {
  Scene scene(10, milliseconds(20));
  scene.lend().give_back();
  EXPECT_EQ(scene.pool.idle(), 1U);
  turn_until(scene.loop, [&] { return scene.pool.idle() == 0; });
  EXPECT_EQ(scene.budget->open(), 0U);
}

TEST(UpstreamPool, ClosesAllThatIsIdleOnDemand) {
  Scene scene;
  Lease first = scene.lend();
  scene.lend().give_back();
  first.give_back();
  EXPECT_EQ(scene.pool.idle(), 2U);
  scene.pool.close_idle();
  EXPECT_EQ(scene.pool.idle(), 0U);
}

TEST(UpstreamPool, HandsConnectionsOnInTurnWhenAllAreInUse) {
  Scene scene(1);
  Lease held = scene.lend();
  std::optional<Lent> first;
  std::optional<Lent> second;
  scene.loop.spawn(store(scene.pool.acquire(soon(scene.loop)), first));
  scene.loop.spawn(store(scene.pool.acquire(soon(scene.loop)), second));
  scene.loop.run_once(Duration::zero());
  EXPECT_EQ(scene.pool.waiting(), 2U);

  held.give_back();
  turn_until(scene.loop, [&] { return first.has_value(); });
  EXPECT_FALSE(second);
  EXPECT_TRUE((*first)->reused());

  first.reset();  // Closed: the next one opens its own.
  turn_until(scene.loop, [&] { return second.has_value(); });
  EXPECT_FALSE((*second)->reused());
  EXPECT_EQ(scene.budget->open(), 1U);
  EXPECT_EQ(scene.pool.waiting(), 0U);
}

TEST(UpstreamPool, StopsWaitingAtTheDeadline) {
  Scene scene(1);
  const Lease held = scene.lend();
  const Lent lent = run(scene.loop, scene.pool.acquire(scene.loop.now() + milliseconds(20)));

  ASSERT_FALSE(lent);
  EXPECT_EQ(lent.error()->kind, ErrorKind::DeadlineExceeded);
  EXPECT_EQ(lent.error()->code, "upstream_timeout");
  EXPECT_EQ(scene.pool.waiting(), 0U);
}

TEST(UpstreamPool, LosesNothingWhenAWaitIsAbandoned) {
  Scene scene(1);
  Lease held = scene.lend();
  Task<Lent> early = scene.pool.acquire(kNever);
  early.enter(std::noop_coroutine()).resume();
  early.reset();
  EXPECT_EQ(scene.pool.waiting(), 0U);

  Task<Lent> late = scene.pool.acquire(kNever);
  late.enter(std::noop_coroutine()).resume();
  held.give_back();  // On its way to the task…
  late.reset();      // … that is no more.
  EXPECT_EQ(scene.pool.idle(), 1U);

  Lease again = scene.lend();
  Task<Lent> third = scene.pool.acquire(kNever);
  third.enter(std::noop_coroutine()).resume();
  again = Lease();
  scene.loop.run_once(Duration::zero());  // The right to open one is on its way.
  third.reset();
  EXPECT_EQ(scene.budget->open(), 0U);
}

TEST(UpstreamPool, AFailedConnectionGivesItsPlaceBack) {
  Scene scene(1);
  DeafPort deaf;
  Origin nowhere = scene.origin;
  nowhere.port = deaf.port();
  UpstreamPool pool(scene.loop, scene.resolver, nowhere, seconds(60), scene.budget);

  EXPECT_FALSE(run(scene.loop, pool.acquire(soon(scene.loop))));
  EXPECT_EQ(scene.budget->open(), 0U);
}

TEST(UpstreamPool, MayEndBeforeItsLeases) {
  Scene scene;
  Lent lent;
  Lent other;
  {
    UpstreamPool pool(scene.loop, scene.resolver, scene.origin, seconds(60), scene.budget);
    lent = run(scene.loop, pool.acquire(soon(scene.loop)));
    other = run(scene.loop, pool.acquire(soon(scene.loop)));
  }
  EXPECT_EQ(scene.budget->open(), 2U);
  lent->give_back();
  *other = Lease();
  EXPECT_EQ(scene.budget->open(), 0U);
}

TEST(UpstreamPool, TakesASpareConnectionFromAnotherThreadsPool) {
  Scene scene(1);
  Loop other_loop;
  UpstreamPool other(other_loop, scene.resolver, scene.origin, seconds(60), scene.budget);
  scene.lend().give_back();

  std::optional<Lent> lent;
  other_loop.spawn(store(other.acquire(kNever), lent));
  turn_until(scene.loop, [&] { return scene.pool.idle() == 0; });
  while (!lent) {
    other_loop.run_once(milliseconds(5));
    scene.loop.run_once(milliseconds(5));
  }
  EXPECT_TRUE(*lent);
  other_loop.abandon_all();
}

TEST(UpstreamPool, ManyThreadsNeverExceedTheBudgetAndAllGetTheirTurn) {
  Scene scene(2);
  std::atomic<int> turns = 0;
  std::atomic<int> ended = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      Loop loop;
      {
        UpstreamPool pool(loop, scene.resolver, scene.origin, seconds(60), scene.budget);
        for (int round = 0; round < 40; ++round) {
          Lent lent = run(loop, pool.acquire(soon(loop)));
          ASSERT_TRUE(lent) << lent.error()->message;
          EXPECT_LE(scene.budget->open(), 2U);
          ++turns;
          if (round % 2 == 0) lent->give_back();
        }
      }
      ++ended;
    });
  }
  while (ended < 3) scene.loop.run_once(milliseconds(5));
  EXPECT_EQ(turns, 120);
  EXPECT_EQ(scene.budget->open(), 0U);
}

TEST(UpstreamPool, ReusesTlsConnections) {
  TlsWorld world;
  Scene scene(10, seconds(60), world.server(), world.client());
  scene.lend().give_back();
  EXPECT_EQ(scene.pool.idle(), 1U);
  turn(scene.loop);  // Tickets may come now: they are no answer to anything.

  EXPECT_TRUE(scene.lend().reused());
}

}  // namespace
}  // namespace sluice::net
