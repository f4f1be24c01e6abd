// From the arguments to what they ask for.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>

namespace sluice::cli {

enum class Command : std::uint8_t {
  Serve,
  Check,
  Schema,
  Providers,
  Models,
  Simulate,
  Version,
  None,  // All was said while parsing: help, or what is wrong.
};

struct SimulateOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: the system picks one.
  unsigned workers = 1;
  std::string tls_certificate = {};  // With tls_key: HTTPS.
  std::string tls_key = {};
  bool tls_self_signed = false;  // HTTPS with a certificate made for this run.
  std::string ca_out = {};       // Where its PEM goes.
  std::uint64_t seed = 0;
  std::chrono::milliseconds delay{0};  // Before every answer.
  std::string key = {};                // Not empty: callers must present it.
};

struct Invocation {
  Command command = Command::Serve;
  std::string config = {};  // Of Serve, Check and Models.
  bool no_secrets = false;  // Of Check.
  bool json = false;        // Of Version.
  SimulateOptions simulate = {};
  int exit_code = 0;  // Of None.
};

Invocation parse(int argc, const char* const* argv, std::ostream& out, std::ostream& err);

}  // namespace sluice::cli
