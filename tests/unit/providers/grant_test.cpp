#include "providers/credentials/grant.h"

#include "unit/providers/credential_support.h"

#include <gtest/gtest.h>

namespace sluice::providers {
namespace {

// Hands out "1", "2", …, each for `lifetime`; or fails.
class Counting final : public GrantSource {
 public:
  struct Book {
    int asked = 0;
    bool fails = false;
    Duration lifetime = minutes(60);
  };

  Counting(std::shared_ptr<Book> book, CredentialScene& scene)
      : book_(std::move(book)), scene_(scene) {}

  Task<Result<Grant>> obtain(Instant deadline) override {
    ++book_->asked;
    if (scene_.fetch->held) co_await scene_.fetch->fetch({}, deadline);
    if (book_->fails) co_return no_credential("it is closed");
    co_return Grant{.secret = std::to_string(book_->asked),
                    .expires = scene_.clock.now() + book_->lifetime};
  }

 private:
  std::shared_ptr<Book> book_;
  CredentialScene& scene_;
};

class GrantsOfAThread : public testing::Test {
 protected:
  Task<void> get_into(Grants& grants, Instant deadline, std::optional<std::string>& out) {
    auto grant = co_await grants.get(deadline);
    out = grant ? (*grant)->secret : std::string(grant.error()->code);
  }
  std::string get(Grants& grants, Instant deadline = kNever) {
    std::optional<std::string> out;
    scene_.loop.spawn(get_into(grants, deadline, out));
    while (!out) scene_.loop.run_once(std::chrono::milliseconds(50));
    return *out;
  }
  std::string get() { return get(grants_); }

  CredentialScene scene_;
  std::shared_ptr<Counting::Book> book_ = std::make_shared<Counting::Book>();
  Grants grants_{scene_.loop, scene_.clock, std::make_unique<Counting>(book_, scene_),
                 scene_.shelf};
};

TEST_F(GrantsOfAThread, AskOnceForMany) {
  EXPECT_EQ(get(), "1");
  scene_.clock.turn_by(minutes(50));
  EXPECT_EQ(get(), "1");
  EXPECT_EQ(book_->asked, 1);
}

TEST_F(GrantsOfAThread, RenewAheadOfTheEndWithoutKeepingAnyoneWaiting) {
  get();
  scene_.clock.turn_by(minutes(56));
  scene_.fetch->held = true;

  EXPECT_EQ(get(), "1");
  EXPECT_EQ(get(), "1");
  scene_.fetch->release();

  EXPECT_EQ(get(), "2");
  EXPECT_EQ(book_->asked, 2);
}

TEST_F(GrantsOfAThread, WaitForANewOneWhereTheOldHasEnded) {
  get();
  scene_.clock.turn_by(minutes(60));
  EXPECT_EQ(get(), "2");
}

TEST_F(GrantsOfAThread, ShareOneRequestAmongAllWhoWait) {
  scene_.fetch->held = true;
  std::optional<std::string> first;
  std::optional<std::string> second;
  scene_.loop.spawn(get_into(grants_, kNever, first));
  scene_.loop.spawn(get_into(grants_, kNever, second));
  scene_.loop.run_once(std::chrono::milliseconds(0));
  EXPECT_FALSE(first || second);

  scene_.fetch->release();
  while (!first || !second) scene_.loop.run_once(std::chrono::milliseconds(50));

  EXPECT_EQ(*first, "1");
  EXPECT_EQ(*second, "1");
  EXPECT_EQ(book_->asked, 1);
}

TEST_F(GrantsOfAThread, GoOnAskingWhenWhoAskedFirstHasLeft) {
  scene_.fetch->held = true;
  std::optional<std::string> left;
  {
    Task<void> leaving = get_into(grants_, kNever, left);
    leaving.enter(std::noop_coroutine()).resume();
  }

  std::optional<std::string> stays;
  scene_.loop.spawn(get_into(grants_, kNever, stays));
  scene_.fetch->release();
  while (!stays) scene_.loop.run_once(std::chrono::milliseconds(50));

  EXPECT_EQ(*stays, "1");
  EXPECT_FALSE(left);
  EXPECT_EQ(book_->asked, 1);
}

TEST_F(GrantsOfAThread, WaitNoLongerThanTheDeadline) {
  scene_.fetch->held = true;

  EXPECT_EQ(get(grants_, scene_.loop.now()), "upstream_timeout");

  scene_.fetch->release();
  EXPECT_EQ(get(), "1");
}

TEST_F(GrantsOfAThread, TellTheFailureToAllAndPauseBeforeAskingAgain) {
  book_->fails = true;
  EXPECT_EQ(get(), "upstream_auth");
  EXPECT_EQ(get(), "upstream_auth");
  EXPECT_EQ(book_->asked, 1);

  scene_.clock.turn_by(seconds(2));
  book_->fails = false;
  EXPECT_EQ(get(), "2");
}

TEST_F(GrantsOfAThread, KeepTheOldOneWhileARenewalFails) {
  get();
  scene_.clock.turn_by(minutes(57));
  book_->fails = true;
  EXPECT_EQ(get(), "1");
  EXPECT_EQ(get(), "1");
  EXPECT_EQ(book_->asked, 2);

  scene_.clock.turn_by(seconds(11));
  book_->fails = false;
  EXPECT_EQ(get(), "1");
  EXPECT_EQ(get(), "3");
}

TEST_F(GrantsOfAThread, GiveEvenOneThatHasNoTimeLeft) {
  book_->lifetime = Duration::zero();
  EXPECT_EQ(get(), "1");
  EXPECT_EQ(get(), "2");
}

TEST_F(GrantsOfAThread, TakeWhatAnotherThreadHasLaidOnTheShelf) {
  Grants other(scene_.loop, scene_.clock, std::make_unique<Counting>(book_, scene_), scene_.shelf);
  get(other);
  EXPECT_EQ(get(), "1");
  EXPECT_EQ(book_->asked, 1);
}

TEST_F(GrantsOfAThread, AskAnewOnceTheProviderRefusesOneThatIsNotNew) {
  get();
  grants_.refused();
  EXPECT_EQ(get(), "1");  // Just granted: another would be no better.

  scene_.clock.turn_by(minutes(2));
  grants_.refused();
  EXPECT_EQ(get(), "2");
}

TEST_F(GrantsOfAThread, OutliveTheirOwner) {
  scene_.fetch->held = true;
  std::optional<std::string> out;
  {
    Grants gone(scene_.loop, scene_.clock, std::make_unique<Counting>(book_, scene_), nullptr);
    scene_.loop.spawn(get_into(gone, kNever, out));
  }
  scene_.fetch->release();
  while (!out) scene_.loop.run_once(std::chrono::milliseconds(50));
  EXPECT_EQ(*out, "1");
}

}  // namespace
}  // namespace sluice::providers
