#include "net/buffer.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::net {
namespace {

TEST(Buffer, KeepsItsBytesWhenItGrows) {
  Buffer buffer;
  const std::string text(20'000, 'x');

  buffer.append("head");
  buffer.append(text);
  buffer.consume(4);

  EXPECT_EQ(buffer.filled(), text);
}

TEST(Buffer, HoldsNothingOnceReleased) {
  Buffer buffer;
  buffer.append("some");

  buffer.release();

  EXPECT_FALSE(buffer.held());
  EXPECT_TRUE(buffer.empty());
}

TEST(Buffer, KeepsWhatIsNotConsumedWhenAskedToReleaseIfEmpty) {
  Buffer buffer;
  buffer.append("some");
  buffer.consume(2);

  buffer.release_if_empty();

  EXPECT_EQ(buffer.filled(), "me");
}

TEST(Buffer, FreesTheFrontWhenHeldAgain) {
  Buffer buffer;
  buffer.append(std::string(Buffer::kBlock, 'a'));
  buffer.consume(Buffer::kBlock - 1);

  buffer.hold();

  EXPECT_EQ(buffer.space().size(), Buffer::kBlock - 1);
  EXPECT_EQ(buffer.filled(), "a");
}

}  // namespace
}  // namespace sluice::net
