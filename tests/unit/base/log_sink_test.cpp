#include "base/log_sink.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>

namespace sluice::log {
namespace {

// Puts another descriptor in stderr's place while a sink is made of it.
std::unique_ptr<Sink> sink_of(int descriptor) {
  const int standard = ::dup(STDERR_FILENO);
  if (standard < 0) throw std::runtime_error("no descriptor is free");
  ::dup2(descriptor, STDERR_FILENO);
  auto sink = std::make_unique<Sink>();
  ::dup2(standard, STDERR_FILENO);
  ::close(standard);
  return sink;
}

struct Ends {
  std::array<int, 2> ends{};
  int reading() const { return ends[0]; }
  int writing() const { return ends[1]; }
  ~Ends() {
    for (const int end : ends) ::close(end);
  }
};

std::string read_some(int descriptor) {
  std::string text(1 << 22, '\0');
  const auto got = ::read(descriptor, text.data(), text.size());
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

const std::string kLine = std::string(99, 'x') + "\n";

std::string many_lines() {
  std::string lines;
  for (int i = 0; i < 50'000; ++i) lines += kLine;
  return lines;
}

TEST(LogSink, TakesWhatAPipeHasRoomForAndReturns) {
  Ends pipe;
  ASSERT_EQ(::pipe2(pipe.ends.data(), O_CLOEXEC), 0);
  const auto sink = sink_of(pipe.writing());
  const auto lines = many_lines();

  const auto taken = sink->write(lines);

  EXPECT_GT(taken, 0U);
  EXPECT_LT(taken, lines.size());
  EXPECT_EQ(taken % kLine.size(), 0U);
  EXPECT_EQ(sink->write(kLine), 0U);
}

TEST(LogSink, GoesOnWhereItWasInterrupted) {
  Ends pipe;
  ASSERT_EQ(::pipe2(pipe.ends.data(), O_CLOEXEC), 0);
  const auto sink = sink_of(pipe.writing());
  const auto taken = sink->write(many_lines());

  auto text = read_some(pipe.reading());
  ASSERT_EQ(sink->write("last\n"), 5U);
  text += read_some(pipe.reading());

  EXPECT_EQ(text.size(), taken + 5);
  EXPECT_TRUE(text.ends_with("x\nlast\n"));
}

TEST(LogSink, LeavesTheFlagsOfASharedDescriptorAlone) {
  Ends pipe;
  ASSERT_EQ(::pipe2(pipe.ends.data(), O_CLOEXEC), 0);

  const auto sink = sink_of(pipe.writing());

  EXPECT_EQ(::fcntl(pipe.writing(), F_GETFL) & O_NONBLOCK, 0);
}

TEST(LogSink, DoesNotWaitForASocketEither) {
  Ends sockets;
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.ends.data()), 0);
  const auto sink = sink_of(sockets.writing());
  const auto lines = many_lines();

  EXPECT_LT(sink->write(lines), lines.size());
  EXPECT_EQ(::fcntl(sockets.writing(), F_GETFL) & O_NONBLOCK, 0);
}

TEST(LogSink, SurvivesAReaderThatLeft) {
  Ends sockets;
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.ends.data()), 0);
  const auto sink = sink_of(sockets.writing());
  ::shutdown(sockets.reading(), SHUT_RDWR);

  EXPECT_EQ(sink->write(kLine), 0U);
}

TEST(LogSink, WritesBehindWhatOthersWroteToTheFile) {
  auto path = testing::TempDir() + "log_sink.XXXXXX";
  const int file = ::mkstemp(path.data());
  ASSERT_EQ(::write(file, "before\n", 7), 7);
  const auto sink = sink_of(file);

  EXPECT_EQ(sink->write("ours\n"), 5U);
  ASSERT_EQ(::write(file, "after\n", 6), 6);

  std::ifstream written(path);
  const std::string text{std::istreambuf_iterator<char>(written), {}};
  EXPECT_EQ(text, "before\nours\nafter\n");
  ::close(file);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace sluice::log
